# SPDX-License-Identifier: Apache-2.0
"""Areas of interest: read in any usual form, split at the antimeridian, measured.

Geometry inside swath is RFC 7946: longitude, latitude in degrees, WGS 84, exterior rings counter-clockwise, cut at the
antimeridian, edges straight in longitude and latitude.
"""
