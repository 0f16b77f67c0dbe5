# SPDX-License-Identifier: GPL-2.0-only
"""The build pipeline: recipes in, stage trees and a bootable image out."""
