#!/usr/bin/env bash
# Runs what docker/cpu/Dockerfile does in a bare Debian made by debootstrap, where images can't be pulled: packages, a user that isn't
# root, make setup, JupyterLab with its token, its health check, a notebook. Needs root, debootstrap, and a Go tree in place of the
# golang image.
#   docker/prove.sh [FOLDER]      # the new root; default /tmp/genlab-root
set -euo pipefail
cd "$(dirname "$0")/.."
root=${1:-/tmp/genlab-root} port=${GENLAB_PORT:-18888} token=$(head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \n')
[ "$(id -u)" = 0 ] || { echo "prove: must be root, for debootstrap and chroot" >&2; exit 1; }
command -v debootstrap >/dev/null || { echo "prove: debootstrap is needed: apt-get install debootstrap" >&2; exit 1; }
in_root() { chroot "$root" /usr/bin/env -i PATH=/usr/local/go/bin:/usr/bin:/bin:/usr/sbin:/sbin "$@"; }
as_user() { in_root HOME=/home/genlab GOPATH=/home/genlab/go GOTOOLCHAIN=local ${GOPROXY:+GOPROXY="$GOPROXY"} ${GOSUMDB:+GOSUMDB="$GOSUMDB"} \
	JUPYTER_TOKEN="$token" GENLAB_IP=127.0.0.1 GENLAB_PORT="$port" setpriv --reuid=1000 --regid=1000 --clear-groups sh -c "cd /home/genlab/genlab && $1"; }
cleanup() { curl -fs -X POST "http://127.0.0.1:$port/api/shutdown?token=$token" >/dev/null 2>&1 || true; [ -z "${server:-}" ] || kill "$server" 2>/dev/null || true; for m in dev proc; do umount -l "$root/$m" 2>/dev/null || true; done; }
trap cleanup EXIT

echo "prove: a bare Debian in $root"
[ -x "$root/usr/bin/apt-get" ] || debootstrap --variant=minbase bookworm "$root" ${DEBIAN_MIRROR:-$(sed -n 's/^URIs: *//p; s/^deb \([^ ]*\) .*/\1/p' /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | head -1)} >/dev/null
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
cp /etc/resolv.conf /etc/hosts "$root/etc/"
[ ! -d /etc/apt/apt.conf.d ] || cp -r /etc/apt/apt.conf.d/. "$root/etc/apt/apt.conf.d/"
mkdir -p "$root/etc/pip.conf.d"; for f in /etc/pip.conf ~/.config/pip/pip.conf ~/.pip/pip.conf; do [ ! -f "$f" ] || cp "$f" "$root/etc/pip.conf"; done

echo "prove: packages and the user"
in_root DEBIAN_FRONTEND=noninteractive apt-get update -qq
in_root DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3 python3-venv gcc libc6-dev make curl tini ca-certificates >/dev/null
in_root useradd --create-home --uid 1000 genlab 2>/dev/null || true
cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/" # a house with certificates of its own
[ -d "$root/usr/local/go" ] || cp -r "$(go env GOROOT)" "$root/usr/local/go"

echo "prove: the checkout and the modules"
mkdir -p "$root/home/genlab/genlab" "$root/home/genlab/go/pkg"
git ls-files -z | tar --null -T - -c | tar -x -C "$root/home/genlab/genlab"
[ -d "$root/home/genlab/go/pkg/mod" ] || cp -r "$(go env GOMODCACHE)" "$root/home/genlab/go/pkg/mod"
in_root chown -R genlab:genlab /home/genlab

echo "prove: make setup, as the user"
as_user "make setup && mkdir -p runs out"

echo "prove: without a token it refuses to start"
if in_root HOME=/home/genlab setpriv --reuid=1000 --regid=1000 --clear-groups /home/genlab/genlab/docker/start 2>/dev/null; then echo "prove: it started without a token" >&2; exit 1; fi

echo "prove: JupyterLab, its health check and its token"
as_user docker/start >"$root/tmp/lab.log" 2>&1 & server=$!
for _ in $(seq 120); do curl -fsS "http://127.0.0.1:$port/api?token=$token" >/dev/null 2>&1 && break; sleep 1; done
in_root curl -fsS "http://127.0.0.1:$port/api?token=$token"; echo
status=$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$port/api/contents")
[ "$status" = 403 ] || { echo "prove: without the token the server says $status, not 403" >&2; exit 1; }

echo "prove: a notebook, executed"
as_user "GENLAB_REDUCED=1 .venv/bin/python python/execute_notebooks.py --times notebooks/00_quickstart.ipynb"
echo "prove: all of it works"
