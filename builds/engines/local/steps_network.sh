#!/bin/sh
# CNI plugin: gives a step of a Dockerfile an end of a cable whose other end is in the namespace that BuildKit runs in.
# Each cable has a network of four addresses of its own; its number is the first that no other cable has.
# Source: CNI specification 1.0, "Section 2: Execution Protocol".
set -eu
PATH=/usr/sbin:/usr/bin:/sbin:/bin
cat >/dev/null

failed() {
    printf '{"cniVersion": "0.3.1", "code": 100, "msg": "%s"}\n' "$1"
    exit 1
}

add() {
    number=1
    until said=$(ip link add "s$number" type veth peer name "$CNI_IFNAME" netns "$CNI_NETNS" 2>&1); do
        case $said in *exists*) ;; *) failed "a step gets no network" ;; esac
        number=$((number + 1))
        [ "$number" -le 500 ] || failed "500 steps have a network"
    done
    block=$((number * 4))
    near=100.126.$((block / 256)).$((block % 256 + 1))
    far=100.126.$((block / 256)).$((block % 256 + 2))
    ip -batch - <<END || failed "a step gets no address"
addr add $near/30 dev s$number
link set s$number up
END
    nsenter --net="$CNI_NETNS" ip -batch - <<END || failed "a step gets no address"
addr add $far/30 dev $CNI_IFNAME
link set $CNI_IFNAME up
route add default via $near
END
    printf '{"cniVersion": "1.0.0", "interfaces": [{"name": "%s", "sandbox": "%s"}], ' "$CNI_IFNAME" "$CNI_NETNS"
    printf '"ips": [{"address": "%s/30", "gateway": "%s", "interface": 0}]}\n' "$far" "$near"
}

case ${0##*/}/$CNI_COMMAND in
*/VERSION) echo '{"cniVersion": "1.0.0", "supportedVersions": ["0.3.0", "0.3.1", "0.4.0", "1.0.0"]}' ;;
loopback/ADD)
    nsenter --net="$CNI_NETNS" ip link set lo up || failed "a step gets no loopback"
    echo '{"cniVersion": "0.3.1", "interfaces": [{"name": "lo"}]}'
    ;;
*/ADD) add ;;
*/DEL) nsenter --net="$CNI_NETNS" ip link del "$CNI_IFNAME" 2>/dev/null || true ;; # it goes with its namespace anyway
*) : ;;
esac
