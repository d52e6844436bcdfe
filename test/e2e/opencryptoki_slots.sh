#!/usr/bin/env bash
# opencryptoki with a soft token for each party, in a mount and IPC namespace of its own: run by
#   unshare --mount --ipc --fork opencryptoki_slots.sh
# Everything that it keeps has a fixed place in the system, so those places are empty ones in here.
# Says "ready" and waits until its input ends.
set -e
for place in /var/lib/opencryptoki /run /dev/shm /etc/opencryptoki; do mount -t tmpfs none "$place"; done
mkdir -p /run/lock/opencryptoki /var/log/opencryptoki
mount -t tmpfs none /var/log/opencryptoki
configuration=/etc/opencryptoki/opencryptoki.conf
echo "version opencryptoki-3.8" > $configuration
for slot in 0 1 2 3 4 5; do
  printf 'slot %d\n{\nstdll = libpkcs11_sw.so\ntokname = party%d\n}\n' $slot $slot >> $configuration
  mkdir -p /var/lib/opencryptoki/party$slot/TOK_OBJ /run/lock/opencryptoki/party$slot
done
chgrp -R pkcs11 /var/lib/opencryptoki /run/lock/opencryptoki
chmod -R 770 /var/lib/opencryptoki /run/lock/opencryptoki
trap 'kill $(cat /run/pkcsslotd.pid)' EXIT
pkcsslotd
for _ in $(seq 100); do [[ -s /run/pkcsslotd.pid ]] && break; sleep 0.1; done
echo ready
read -r _ || true
