# SPDX-License-Identifier: Apache-2.0
"""``swath auth``: sign in, see what is in use, sign out."""

from __future__ import annotations

import contextlib
import datetime as dt
from typing import Any

import click

from swath._cli.group import Group, State
from swath._cli.logs import without
from swath._cli.options import as_json, interactive, open_for
from swath._cli.output import print_json, print_table, say
from swath._cli.piping import piped
from swath._cli.signing_in import choose_way, sign_in
from swath._cli.words import providers_like
from swath._credentials import choose_profile, forget_credentials, store_credentials
from swath._credentials import status as read_status
from swath._registry import list_plugins, open_hooks
from swath._suggest import suggest
from swath.errors import CredentialError, InputError, MissingCredentials, SwathError
from swath.models import LoginMethod, ProviderInfo

__all__ = ["auth"]


@click.group(cls=Group)
def auth() -> None:
    """Sign in, see what is in use, sign out.

    Credentials come from the environment, then the keyring if it was chosen, then the profile file.
    """


def _info(name: str) -> ProviderInfo:
    return open_hooks(name).describe()


def _profile(context: click.Context) -> str:
    return choose_profile(context.ensure_object(State).profile)


@auth.command("login")
@click.argument("provider", shell_complete=providers_like)
@click.option("--api-key", "method", flag_value="api-key", help="Keep an API key.")
@click.option("--device-code", "method", flag_value="device-code", help="Approve a code on any device with a browser.")
@click.option("--browser", "method", flag_value="browser", help="Sign in by the browser of this machine.")
@click.option("--m2m", "method", flag_value="m2m", help="Keep a machine's client id and secret.")
@click.option("--with", "given", multiple=True, metavar="FIELD=VALUE", help="Give a value instead of being asked.")
@click.option("--stdin", "from_stdin", is_flag=True, help="Read the one secret that is missing from standard input.")
@click.option("--keyring", is_flag=True, help="Keep it in the system's keyring instead of the profile file.")
@click.option("--open/--no-open", "opens", default=True, help="Open pages in the browser.  [default: open]")
@click.option(
    "--check/--no-check",
    default=True,
    help="Try the credentials at the provider before keeping them.  [default: check]",
)
@click.pass_context
def login(
    context: click.Context,
    /,
    *,
    provider: str,
    method: str | None,
    given: tuple[str, ...],
    from_stdin: bool,
    keyring: bool,
    opens: bool,
    check: bool,
) -> None:
    """Keep a provider's credentials for later.

    Where a provider has several ways to sign in, name one. What is not given is asked for, if a person sits at the
    terminal. A value on the command line can be seen by other users of the machine: prefer to be asked, or --stdin.

    \b
    swath auth login planet --device-code
    swath auth login planet --api-key --stdin < key.txt
    swath auth login planet --m2m --with client_id=my-client
    swath auth login sedas --profile work --with username=me
    """
    info = _info(provider)
    way = choose_way(info, method, {pair.partition("=")[0] for pair in given}, from_stdin=from_stdin)
    values = _given(info, given, () if way is None else way.takes)
    if way is not None and way.sign_in is not None:
        values = sign_in(info, way, values, profile=_profile(context), opens=opens)
    else:
        _ask_for(info, values, way, from_stdin=from_stdin)
    if check and any(values.values()):
        _try_before(context, info, values)
    others = {name for other in info.logins for name in other.fields} - {*values}
    where = "keyring" if keyring else "file"
    place = store_credentials(provider, _profile(context), values, where=where, instead_of=others)
    say(f"Kept in {place}")
    for row in read_status(info, _profile(context)):
        if row.name in values and row.shadowed and (row.source or "").startswith("environment"):
            say(f"It is not used as long as the {row.source} holds another {row.name}: unset that.")
        elif row.used and row.name not in values and (row.source or "").startswith("environment"):
            say(f"It is not used as long as the {row.source} holds {row.name}: unset that.")


def _ask_for(info: ProviderInfo, values: dict[str, str], way: LoginMethod | None, *, from_stdin: bool) -> None:
    """Add what is missing, from standard input or a person.

    Args:
        info: The provider.
        values: What was given, by field; what is missing is added.
        way: The way to sign in, where there are several.
        from_stdin: Whether the one missing secret is piped.
    """
    wanted = [one for one in info.credentials if (one.required if way is None else one.name in way.fields)]
    missing = [field for field in wanted if field.name not in values]
    if from_stdin:
        secrets = [field for field in missing if field.secret]
        if len(secrets) != 1:
            raise InputError(
                f"--stdin gives one secret, and {len(secrets)} are missing",
                hint="give the others by --with FIELD=VALUE",
            )
        values[secrets[0].name] = piped(f"swath auth login {info.name} --stdin < key.txt").strip()
        missing = [field for field in missing if field is not secrets[0]]
    if missing and not interactive():
        named = ", ".join(field.name for field in missing)
        raise MissingCredentials(
            f"{named} is missing, and nobody sits at the terminal to be asked",
            provider=info.name,
            hint=f"swath auth login {info.name} --with {missing[0].name}=..., or --stdin for the one secret",
        )
    for field in missing:
        if field.help:
            say(f"{field.title or field.name}: {field.help}")
        values[field.name] = click.prompt(field.title or field.name, hide_input=field.secret, err=True)


def _given(info: ProviderInfo, given: tuple[str, ...], takes: tuple[str, ...]) -> dict[str, str]:
    known = [*dict.fromkeys([*(field.name for field in info.credentials), *takes])]
    values = {}
    for pair in given:
        name, equals, value = pair.partition("=")
        if name not in known:
            raise InputError(f"--with {name!r} is no credential of {info.name}", hint=suggest(name, known))
        if not equals:
            raise InputError(f"--with {name!r} has no value", hint="write --with FIELD=VALUE")
        values[name] = value
    return values


def _try_before(context: click.Context, info: ProviderInfo, values: dict[str, str]) -> None:
    """Make one signed request with credentials that are not kept yet; refused ones never are."""
    import swath

    # That they hide what was kept before is the purpose, and no surprise.
    with without("swath.credentials"), swath.open(info.name, profile=_profile(context), **values) as provider:
        try:
            provider.authenticate()
        except CredentialError as err:
            err.hint = "nothing was kept; correct it and sign in again, or keep it untried with --no-check"
            raise
        except SwathError as err:
            say(f"It could not be tried: {err.message}")
        else:
            say(f"{info.title} accepts it.")


@auth.command("status", short_help="Say which credentials are in use and where they come from.")
@click.argument("provider", required=False, shell_complete=providers_like)
@click.option("--check", is_flag=True, help="Try the credentials at the provider.")
@as_json
@click.pass_context
def status(context: click.Context, /, *, provider: str | None, check: bool, as_json: bool) -> None:
    """Say which credentials are in use, where they come from, and which others they hide.

    Exits with 3 if PROVIDER is named and one of its credentials is missing, or if one is refused.
    """
    names = [provider] if provider else [entry.name for entry in list_plugins()]
    rows: list[dict[str, Any]] = []
    refused: list[SwathError] = []
    for name in names:
        try:
            info = _info(name)
        except SwathError:
            if provider:
                raise
            continue  # `swath plugins` says what is wrong with it
        found = read_status(info, _profile(context))
        missing = any(row.missing for row in found)
        accepted = _is_accepted(context, name, refused) if check and not missing else None
        expires = None if missing else _expires(context, name)
        rows += [
            {
                "provider": name,
                "profile": _profile(context),
                "field": row.name,
                "source": row.source,
                "value": row.shown,
                "shadowed": list(row.shadowed),
                "required": row.required,
                "used": row.used,
                "expires": expires if row.used and row.source else None,
                "accepted": accepted if row.used and row.source else None,
            }
            for row in found
        ]
    _print_status(rows, as_json=as_json)
    if refused:
        raise refused[0]
    if provider and any(row["required"] and row["source"] is None for row in rows):
        say(f"Sign in with: swath auth login {provider}")
        context.exit(3)


def _print_status(rows: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        print_json(rows)
        return
    said = {True: "yes", False: "no", None: None}
    table = [
        [
            row["provider"],
            row["profile"],
            row["field"],
            row["value"],
            (row["source"] or ("missing" if row["required"] else "not set"))
            + ("" if row["used"] or not row["source"] else " (not used)"),
            ", ".join(row["shadowed"]),
            row["expires"],
            said[row["accepted"]],
        ]
        for row in rows
    ]
    print_table(["PROVIDER", "PROFILE", "FIELD", "VALUE", "SOURCE", "HIDES", "EXPIRES", "ACCEPTED"], table)


def _expires(context: click.Context, name: str) -> str | None:
    """Say until when the kept token lives; nothing is fetched. None where there is none, or it has no end."""
    from swath._session import open_session

    with contextlib.suppress(SwathError):
        token = open_session(name, profile=_profile(context)).tokens.peek()
        if token is not None and token.expires is not None:
            return token.expires.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return None


def _is_accepted(context: click.Context, name: str, refused: list[SwathError]) -> bool | None:
    """Make one signed request; None where no answer came.

    Args:
        context: Of the command.
        name: The provider's.
        refused: What went wrong is added to it.
    """
    try:
        with open_for(context, name) as provider:
            provider.authenticate()
    except SwathError as err:
        refused.append(err)
        return False if isinstance(err, CredentialError) else None
    return True


@auth.command("logout")
@click.argument("provider", shell_complete=providers_like)
@click.pass_context
def logout(context: click.Context, /, *, provider: str) -> None:
    """Forget a provider's credentials. What the environment holds stays there."""
    info = _info(provider)
    with contextlib.suppress(SwathError), open_for(context, provider) as opened:
        opened.sign_out()
    forgotten = forget_credentials(provider, _profile(context))
    say("Forgotten." if forgotten else "There was nothing to forget.")
    for row in read_status(info, _profile(context)):
        if row.source is not None:
            say(f"The {row.source} still holds {row.name}.")
