# Run by machine.ts in new namespaces: ENTER BASE DEBS KEPT…; becomes the machine's first process.
set -e
base=$1 debs=$2
shift 2
# What is overlaid may not contain the upper layer.
mount -t tmpfs -o mode=0755 machine "$base"
mkdir -p "$base/upper" "$base/work" "$base/root"
mount -t overlay -o "lowerdir=/,upperdir=$base/upper,workdir=$base/work" machine "$base/root"
for deb in "$debs"/*.deb; do
  [ -e "$deb" ] || continue
  # Over the links of a merged /usr, as dpkg does.
  dpkg-deb --fsys-tarfile "$deb" | tar -x --keep-directory-symlink -C "$base/root"
done
for kept in /dev /sys "$@"; do
  mkdir -p "$base/root$kept"
  mount --rbind "$kept" "$base/root$kept"
done
mount -t proc proc "$base/root/proc"
mkdir -p "$base/root/.old"
cd "$base/root"
pivot_root . .old
cd /
umount -l /.old
echo ready
# Processes that lose their parent come to us; a shell that waits takes leave of them.
trap : TERM
while :; do sleep 3600 & wait $!; done
