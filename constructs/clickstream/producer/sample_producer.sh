# Turns a fresh Amazon Linux 2023 into the sample producer. Runs once, as root, with these set before it:
# CODE_URL, LOG_GROUP, PYTHON, REGION, PRODUCER_ARGUMENTS. Any failure ends it, and with it the deployment.
set -euo pipefail

LOG_FILE=/var/log/clickstream-producer.log
HOME_FOLDER=/opt/clickstream-producer

dnf install --assumeyes --quiet "$PYTHON" amazon-cloudwatch-agent logrotate

# First the logs, so that whatever goes wrong after this can be read without logging in.
touch "$LOG_FILE"
cat > /opt/aws/amazon-cloudwatch-agent/etc/clickstream-producer.json <<JSON
{
  "logs": {
    "logs_collected": {
      "files": {
        "collect_list": [
          {
            "file_path": "$LOG_FILE",
            "log_group_name": "$LOG_GROUP",
            "log_stream_name": "{instance_id}/producer"
          },
          {
            "file_path": "/var/log/cloud-init-output.log",
            "log_group_name": "$LOG_GROUP",
            "log_stream_name": "{instance_id}/setup"
          }
        ]
      }
    }
  }
}
JSON
/opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl \
  -m ec2 -a fetch-config -s -c file:/opt/aws/amazon-cloudwatch-agent/etc/clickstream-producer.json
cat > /etc/logrotate.d/clickstream-producer <<ROTATION
$LOG_FILE {
  size 10M
  rotate 1
  copytruncate
  missingok
}
ROTATION

mkdir --parents "$HOME_FOLDER"
aws s3 cp --only-show-errors --region "$REGION" "$CODE_URL" /tmp/producer.zip
"$PYTHON" -m zipfile --extract /tmp/producer.zip "$HOME_FOLDER"
rm /tmp/producer.zip

useradd --system --no-create-home --shell /sbin/nologin clickstream-producer
cat > /etc/systemd/system/clickstream-producer.service <<UNIT
[Unit]
Description=Sends generated click sessions
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
ExecStart=/usr/bin/$PYTHON -P -m producer $PRODUCER_ARGUMENTS
WorkingDirectory=$HOME_FOLDER
Environment=PYTHONPATH=$HOME_FOLDER PYTHONDONTWRITEBYTECODE=1
User=clickstream-producer
Restart=always
RestartSec=30
StandardOutput=append:$LOG_FILE
StandardError=inherit
UMask=0077
CapabilityBoundingSet=
NoNewPrivileges=yes
LockPersonality=yes
PrivateDevices=yes
PrivateTmp=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHome=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
ProtectSystem=strict
RestrictAddressFamilies=AF_INET AF_INET6 AF_NETLINK AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
UNIT
systemctl daemon-reload
systemctl enable --now clickstream-producer

# Its first line comes when the stream has taken an event: only then is the deployment a success.
for _ in $(seq 60); do
  grep --quiet '"sent": [1-9]' "$LOG_FILE" && exit 0
  sleep 2
done
echo "no event was taken within two minutes; the producer said:" >&2
tail --lines 20 "$LOG_FILE" >&2
exit 1
