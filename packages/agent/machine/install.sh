#!/bin/bash
# Installs the agent from this archive in /opt/backup-agent and starts it. Run as root on each boot or once: what is in
# place stays as it is. Takes STACK_NAME, GROUP_NAME, WORK_KINDS, FILE_SYSTEM and AWS_DEFAULT_REGION, and ends with 0
# when the orchestrator has answered the agent.
set -Eeuo pipefail
umask 022

machine=$(dirname "$(readlink -f "$0")")
log=/var/log/backup-agent/install.log
shared=/var/lib/backup-agent/shared
ready=/run/backup-agent/ready
user=backup-agent
# The same on every instance, since they share the file system.
user_id=7400
changed=false
step='the start'

say() {
  echo "backup-agent: $*"
  if [ -d "${log%/*}" ]; then echo "$(date --utc +%FT%TZ) $*" >>"$log"; fi
}
trap 'say "the installation failed at this step: $step" >&2' ERR

# put MODE FILE: writes the standard input to the file, unless the file has that content.
put() {
  local content
  content=$(cat)
  if [ -f "$2" ] && [ "$(cat "$2")" = "$content" ]; then return; fi
  printf '%s\n' "$content" >"$2.new"
  chmod "$1" "$2.new"
  mv -f "$2.new" "$2"
  changed=true
  say "wrote $2"
}

step='check of what the boot script gave'
: "${STACK_NAME:?}" "${GROUP_NAME:?}" "${WORK_KINDS:?}" "${FILE_SYSTEM:?}" "${AWS_DEFAULT_REGION:?}"
# shellcheck source=amazon-linux.sh
. "$machine/amazon-linux.sh"

step="user $user"
getent group $user >/dev/null || groupadd --gid $user_id $user
getent passwd $user >/dev/null ||
  useradd --uid $user_id --gid $user_id --home-dir /var/lib/backup-agent --no-create-home --shell /usr/sbin/nologin $user

step='folders'
install -d -m 0755 /etc/backup-agent /etc/systemd/system /etc/logrotate.d /srv
install -d -m 0750 -o $user -g $user /var/lib/backup-agent "${log%/*}"
install -d "$shared"
# systemd would make them as root, and logrotate works as the agent's user.
touch "$log" "${log%/*}/agent.log"
chown $user:$user "$log" "${log%/*}/agent.log"

step='packages of the system'
install_packages

step='configuration'
id=$(instance_id)
put 0600 /etc/backup-agent/environment <<EOF
AWS_REGION=$AWS_DEFAULT_REGION
BACKUP_AGENT_ID=$id
BACKUP_AUTO_SCALING_GROUP=$GROUP_NAME
BACKUP_READY_FILE=$ready
BACKUP_SETTINGS_PARAMETER=/$STACK_NAME/agent-settings
BACKUP_STACK_NAME=$STACK_NAME
BACKUP_WORK_KINDS=$WORK_KINDS
EOF
put 0644 /etc/systemd/system/backup-agent.service <"$machine/backup-agent.service"
put 0644 /etc/logrotate.d/backup-agent <"$machine/logrotate.conf"
sed "s|@STACK_NAME@|$STACK_NAME|" "$machine/cloudwatch-agent.json" | put 0644 /etc/backup-agent/cloudwatch-agent.json
case $WORK_KINDS in
  *backup* | *recovery* | *verify*) ;;
  *)
    install -d /etc/systemd/system/backup-agent.service.d
    put 0644 /etc/systemd/system/backup-agent.service.d/no-files.conf <"$machine/no-files.conf"
    ;;
esac

step='backupctl, for whoever looks after this machine'
install -d -m 0755 /usr/local/bin
ln -sfn "${machine%/*}/bin/backupctl" /usr/local/bin/backupctl

step='shipping of logs'
if $changed || ! systemctl is-active --quiet amazon-cloudwatch-agent.service; then
  ship_logs /etc/backup-agent/cloudwatch-agent.json
fi

step="mount of $FILE_SYSTEM"
line=$(shared_mount "$FILE_SYSTEM" "$shared")
if ! grep --quiet --fixed-strings --line-regexp "$line" /etc/fstab; then
  echo "$line" >>/etc/fstab
  changed=true
fi
# The name of a mount target may be a minute younger than this instance.
for wait in 5 10 15 30 0; do
  if mountpoint --quiet "$shared" || mount "$shared"; then break; fi
  [ $wait -gt 0 ]
  sleep $wait
done
install -d -m 0700 -o $user -g $user "$shared/cache" "$shared/scratch"

step='start of the agent'
systemctl daemon-reload
systemctl enable --quiet backup-agent.service
if $changed; then
  systemctl restart backup-agent.service
else
  systemctl start backup-agent.service
fi

step='first answer of the orchestrator, see agent.log'
for _ in $(seq 120); do
  if [ -e "$ready" ]; then break; fi
  sleep 1
done
if [ ! -e "$ready" ]; then
  tail -n 20 /var/log/backup-agent/agent.log >&2 || true
  false
fi
say 'the agent is at work'
