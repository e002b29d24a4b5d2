"""The most memory that this process ever had."""


def peak_mb():
    """Resident set in MB; none where there is no /proc. (`ru_maxrss` may be that of the process that started this one.)"""
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) * 1024 / 1e6
    except OSError:
        return None
