# SPDX-License-Identifier: Apache-2.0
"""Brings files here: plan, fetch, verify, place, receipt."""

from swath._transfer.fetch import fetch_all
from swath._transfer.plan import Target, plan_targets
from swath._transfer.receipt import read_items, write_items
from swath._transfer.report import BatchReport, Outcome
from swath._transfer.verify import verify_dir

__all__ = ["BatchReport", "Outcome", "Target", "fetch_all", "plan_targets", "read_items", "verify_dir", "write_items"]
