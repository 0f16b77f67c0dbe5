# SPDX-License-Identifier: GPL-2.0-only
"""One exception for everything that the person who runs the build can act on."""


class BuildError(Exception):
    """The message says what failed, where, why, and what to do."""
