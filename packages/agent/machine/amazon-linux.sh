# shellcheck shell=bash
# What the installer needs of Amazon Linux 2023, and only there.

# The repositories of Amazon Linux lie in S3 of the Region, which the VPC reaches without a way to the internet.
install_packages() {
  local package missing=()
  for package in amazon-cloudwatch-agent amazon-efs-utils logrotate; do
    rpm --query --quiet "$package" || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] || dnf install --assumeyes --quiet "${missing[@]}"
}

instance_id() {
  ec2-metadata --quiet --instance-id
}

# The line of /etc/fstab for a file system: encrypted on its way, and under the rights of the instance's role.
shared_mount() {
  echo "$1:/ $2 efs _netdev,nofail,noresvport,tls,iam 0 0"
}

# Ships the logs from now on and after each boot, as the given file says.
ship_logs() {
  /opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl -a fetch-config -m ec2 -s -c "file:$1"
}
