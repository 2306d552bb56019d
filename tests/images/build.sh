#!/usr/bin/env bash
# Builds the images that the samples and tests use, from Debian packages alone, under the names that a machine with
# a registry would pull: busybox:1.36, busybox:1.37 (something to update to), redis:7 and nginx:1.27 (a web server).
# An image that exists already, ours or pulled, is left alone. DOCKER_HOST chooses the engine.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

have() { docker image inspect "$1" >/dev/null 2>&1; }

# Copies a program with every library it loads, keeping their paths.
closure() { # root program
    local root=$1 program=$2
    install -D "$program" "$root$program"
    ldd "$program" 2>/dev/null | grep -oE '/[^ ]+' | while read -r library; do
        install -D "$library" "$root$library"
    done
}

accounts() { # root
    mkdir -p "$1/etc" "$1/tmp" "$1/root" "$1/var/run" "$1/run"
    chmod 1777 "$1/tmp"
    printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\nwww-data:x:33:33::/:/bin/sh\n' >"$1/etc/passwd"
    printf 'root:x:0:\nnogroup:x:65534:\nwww-data:x:33:\n' >"$1/etc/group"
    printf 'hosts: files dns\n' >"$1/etc/nsswitch.conf"
}

# Debian's busybox and busybox-static exclude each other, so the package is unpacked, not installed.
package() { # name root
    (
        cd "$work"
        [ "$(id -u)" = 0 ] && apt_user=(-o APT::Sandbox::User=root) || apt_user=()
        apt-get "${apt_user[@]}" -q download "$1" >/dev/null
        dpkg-deb -x "$1"_*.deb "$2"
        rm -f "$1"_*.deb
    )
}

busybox_root() {
    local root=$work/busybox unpacked=$work/busybox-package
    [ -d "$root" ] && return
    package busybox "$unpacked"
    accounts "$root"
    mkdir -p "$root/bin"
    cp "$unpacked/bin/busybox" "$root/bin/busybox"
    ldd "$unpacked/bin/busybox" | grep -oE '/[^ ]+' | while read -r library; do install -D "$library" "$root$library"; done
    "$unpacked/bin/busybox" --list | while read -r applet; do [ "$applet" = busybox ] || ln -s busybox "$root/bin/$applet"; done
}

with_busybox() { busybox_root; cp -a "$work/busybox/." "$1/"; }

import() { # image root changes…
    local image=$1 root=$2
    shift 2
    tar -C "$root" -c . | docker import "$@" - "$image" >/dev/null
    echo "built $image"
}

path='ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

for version in 1.36 1.37; do
    have "busybox:$version" && continue
    busybox_root
    import "busybox:$version" "$work/busybox" -c "$path" -c 'CMD ["sh"]'
done

if ! have redis:7; then
    root=$work/redis
    mkdir -p "$root"
    with_busybox "$root"
    closure "$root" /usr/bin/redis-server
    closure "$root" /usr/bin/redis-cli
    mkdir -p "$root/data"
    import redis:7 "$root" -c "$path" -c 'WORKDIR /data' -c 'EXPOSE 6379' \
        -c 'ENTRYPOINT ["redis-server", "--protected-mode", "no"]'
fi

if ! have nginx:1.27; then
    root=$work/nginx
    mkdir -p "$root"
    with_busybox "$root"
    closure "$root" /usr/sbin/nginx
    mkdir -p "$root/etc/nginx" "$root/var/log/nginx" "$root/var/lib/nginx" "$root/usr/share/nginx/html"
    cp /etc/nginx/mime.types "$root/etc/nginx/"
    cat >"$root/etc/nginx/nginx.conf" <<'CONF'
worker_processes 1;
error_log stderr;
events { worker_connections 256; }
http {
    include mime.types;
    access_log /dev/stdout;
    server { listen 80; root /usr/share/nginx/html; }
}
CONF
    echo '<h1>Welcome to nginx!</h1>' >"$root/usr/share/nginx/html/index.html"
    import nginx:1.27 "$root" -c "$path" -c 'EXPOSE 80' -c 'CMD ["nginx", "-g", "daemon off;"]'
fi
