#!/bin/sh
# Runs a Slurm of one node on this machine for tests: `slurm.sh start FOLDER`, `slurm.sh stop FOLDER`, and
# `slurm.sh restart FOLDER`, which kills slurmd and starts it again. Jobs need SLURM_CONF=FOLDER/slurm.conf.
# Needs root, and munge, slurmctld, slurmd and slurm-client of Debian.
set -eu
verb=$1 folder=$(realpath -m "$2") node=$(hostname -s)
export SLURM_CONF="$folder/slurm.conf"

configure() {
  mkdir -p "$folder/state" "$folder/spool" "$folder/munge"
  port=$((20000 + $$ % 5000 * 2)) # so that two can run at once
  memory=$(awk '/^MemTotal/ {print int($2 / 1024 * 0.9)}' /proc/meminfo)
  cat >"$SLURM_CONF" <<CONF
ClusterName=test
SlurmctldHost=$node(127.0.0.1)
SlurmctldPort=$port
SlurmdPort=$((port + 1))
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$folder/munge/socket
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
JobAcctGatherType=jobacct_gather/none
ReturnToService=2
SchedulerParameters=sched_interval=1,requeue_delay=1
KillWait=5
MinJobAge=300
NodeName=$node NodeAddr=127.0.0.1 CPUs=$(nproc) RealMemory=$memory State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE DefMemPerCPU=500 State=UP
CONF
  head -c 1024 /dev/urandom >"$folder/munge/key"
  chown -R munge "$folder/munge"
  chmod 711 "$folder" "$folder/munge"
  chmod 400 "$folder/munge/key"
}

# Starts a daemon in a session of its own, so that it outlives this script.
daemon() {
  setsid "$@" >>"$folder/daemons.log" 2>&1 </dev/null &
}

until_true() {
  for _ in $(seq 150); do
    if "$@"; then return 0; fi
    sleep 0.2
  done
  tail -n 5 "$folder"/*.log >&2
  exit 1
}

has_socket() { [ -S "$folder/munge/socket" ]; }
is_up() { sinfo --noheader --format=%T 2>/dev/null | grep -Eq 'idle|mixed|allocated'; }

# Returns whether no daemon is left. Each removes the file with its number when it ends.
has_ended() { [ ! -s "$folder/slurmd.pid" ] && [ ! -s "$folder/slurmctld.pid" ] && [ ! -s "$folder/munge/munged.pid" ]; }

end() {
  for name in "$@"; do
    if [ -s "$folder/$name.pid" ]; then kill "$(cat "$folder/$name.pid")" 2>/dev/null || true; fi
  done
}

case $verb in
start)
  configure
  daemon setpriv --reuid="$(id -u munge)" --regid="$(id -g munge)" --clear-groups munged --foreground \
    --key-file="$folder/munge/key" --socket="$folder/munge/socket" --pid-file="$folder/munge/munged.pid" \
    --log-file="$folder/munge/log" --seed-file="$folder/munge/seed"
  until_true has_socket
  daemon slurmctld -D
  daemon slurmd -D
  until_true is_up
  ;;
restart)
  kill -9 "$(cat "$folder/slurmd.pid")"
  daemon slurmd -D
  until_true is_up
  ;;
stop)
  end slurmd slurmctld munge/munged
  until_true has_ended
  ;;
*) echo "start, restart or stop?" >&2 && exit 2 ;;
esac
