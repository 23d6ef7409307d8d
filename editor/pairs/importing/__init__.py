"""From files that a person brings to pairs: unpacked, matched by name, shown as a plan, stored."""
