"""Reads the peak memory of this process."""


def peak_mb():
    """Returns the peak resident set in MB, or None without /proc. `ru_maxrss` may be the parent's."""
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) * 1024 / 1e6
    except OSError:
        return None
