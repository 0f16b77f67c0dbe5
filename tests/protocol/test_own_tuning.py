# SPDX-License-Identifier: GPL-2.0-only
"""Shares, bounds, pins, words and media of guests by the node's virsh beside Debian's."""

import pytest

from beside import OURS, THEIRS, run, same

TUNED = [
    "memtune db; memtune db --config; start db; memtune db; memtune db --live; memtune db --current --live; memtune ghost",
    "memtune db --hard-limit 1G --config; memtune db --hard-limit -1; memtune db --soft-limit 2000000 --swap-hard-limit 4M --min-guarantee 1; "
    "memtune db --hard-limit x; memtune db --hard-limit 1Q",
    "blkiotune db; blkiotune db --weight 500 --config; blkiotune db --weight 0; blkiotune db --weight x; blkiotune db --device-weights /dev/sda,500 --config; "
    "blkiotune db --device-read-iops-sec /dev/sda,5 --device-write-bytes-sec /dev/sda,6",
    "numatune db; numatune db --mode strict --nodeset 0 --config; numatune db; numatune db --mode bogus; numatune db --mode 1 --nodeset 0 --config; "
    "numatune db --nodeset x --config; numatune db --mode preferred --config; start db; numatune db; numatune db --nodeset 0 --live",
    "blkdeviotune db vda; blkdeviotune db vda --total-iops-sec 100 --total-bytes-sec 1M --config; blkdeviotune db vda --config; "
    "blkdeviotune db vda --read-bytes-sec x; blkdeviotune db vda --read-bytes-sec-max 5 --config; blkdeviotune db vda --group-name g --size-iops-sec 4096 --config; "
    "blkdeviotune db vda --total-iops-sec-max-length 5 --config; blkdeviotune db; blkdeviotune db nosuch --total-iops-sec 5 --config; blkdeviotune ghost vda",
    "blockresize web vda 4M; start web; blockresize web vda 4M; blockresize web /var/lib/libvirt/images/web.qcow2 4096; blockresize web nosuch 1M; "
    "blockresize web vda x; blockresize web vda; blockresize ghost vda 1M; blockresize web vda 1Q",
    "domiftune web 52:54:00:11:22:33 --inbound 100,200 --outbound 1,2,3 --config; domiftune web 52:54:00:11:22:33 --config; "
    "domiftune web 52:54:00:11:22:33 --inbound x --config; domiftune web 52:54:00:11:22:33 --inbound 0 --outbound 0 --config; domiftune web nosuch --inbound 1",
    "schedinfo db; schedinfo db --set global_quota=-1 --config; schedinfo db --set bogus=1 --config; schedinfo db --current --config; schedinfo ghost",
    "vcpupin web 0 0 --config; vcpupin web; vcpupin web --config; vcpupin web 1 0-1 --config; vcpupin web 1 --config; vcpupin web 1 ^0 --config; vcpupin web 1 x --config; "
    "vcpupin web 1 0-9 --config; vcpupin web 9 0 --config; vcpupin web --cpulist 0; vcpupin web 0 r --config; vcpupin web --config; vcpupin web 0 0 --live; vcpupin web 0 0",
    "start web; vcpupin web 0 0 --live; vcpupin web; vcpupin web 0 0-1,^1; vcpupin web --live; vcpupin web --current --live; vcpupin web x 0; vcpupin ghost",
    "emulatorpin db; emulatorpin db 0 --config; emulatorpin db; emulatorpin db --config; emulatorpin db x; emulatorpin db 0-99 --config; emulatorpin db 0; "
    "start db; emulatorpin db; emulatorpin db 0; emulatorpin db --live; emulatorpin db r --live --config; emulatorpin db --current --config; emulatorpin ghost",
    "metadata db http://a/b; metadata db http://a/b --set '<x y=\"1\">t</x>' --key k --config; metadata db http://a/b; metadata db http://a/b --config; "
    "metadata db http://a/b --set <z/>; metadata db http://a/b --set <z --key k --config; metadata db http://a/b --remove --config; metadata db http://a/b --remove; "
    "metadata db http://a/b --set <x/> --edit; metadata db http://a/b --remove --set <x/>; metadata db http://a/b --edit; metadata ghost http://a/b",
    "metadata db http://a/b --set <port/> --key k --config; metadata db http://a/b --edit --key k --config; metadata db http://a/b; "
    "metadata db http://a/b --edit --key k --config; metadata db http://a/b --config",
    "desc web --edit --config; desc web --config; desc web --edit --config; desc web --title --edit --config; desc web --title; desc web --edit a port --config; desc web --current --live",
    "dommemstat db --period 5 --config; dumpxml db; dommemstat db --period 0; dommemstat db --period 86401 --config; dommemstat db --period 5 --live; "
    "dommemstat db --period 5 --current --config; start db; dommemstat db --period 7 --live; dommemstat db --period 9 --live --config; dumpxml db --inactive; dommemstat ghost --period 5",
    "desc db --edit --config; desc db --config; desc db --title --edit",
]


@pytest.mark.parametrize("line", TUNED)
def test_tuning_is_the_same(serve, tmp_path, monkeypatch, line):
    monkeypatch.setenv("EDITOR", "sed -i -e s/port/harbour/ -e s/front/back/")
    same(serve, tmp_path, line)


MEDIA = [
    "change-media web hda --eject; change-media web hda --update; change-media web hda --insert; change-media web hda; change-media web vda --eject; "
    "change-media web hda /data/images/a.iso --insert --config; domblklist web; change-media web hda /data/images/b.iso --insert --config; "
    "change-media web hda /data/images/b.iso --config; domblklist web; change-media web /data/images/b.iso --eject --config --force; domblklist web; "
    "change-media web hda --eject --insert; change-media web hda --eject --update; change-media web hda --insert --update; "
    "change-media web hda --eject --current --live; change-media web nosuch; change-media ghost hda",
    "start web; change-media web hda /data/images/a.iso; domblklist web; change-media web hda --eject --live; change-media web hda /dev/sr0 --block --config",
    "domif-getlink web 52:54:00:11:22:33; domif-getlink web nosuch; domif-getlink ghost x; domif-setlink web 52:54:00:11:22:33 down --config; "
    "domif-getlink web 52:54:00:11:22:33; domif-setlink web 52:54:00:11:22:33 up; domif-getlink web 52:54:00:11:22:33 --config; "
    "domif-setlink web 52:54:00:11:22:33 sideways; domif-setlink web 52:54:00:11:22:44 up; domif-setlink web nosuch up",
    "start web; domif-getlink web vnet0; domif-setlink web vnet0 down; domif-getlink web vnet0; domif-getlink web vnet0 --config",
]


@pytest.mark.parametrize("line", MEDIA)
def test_media_are_the_same(serve, tmp_path, line):
    same(serve, tmp_path, line)


@pytest.mark.parametrize("words", ["hda /a.iso --print-xml", "hda /dev/x --block --insert --print-xml"])
def test_a_drive_in_words(node, words):
    """But for the quotes, which both kinds of XML may have."""
    ours, theirs = (run(node, program, ["change-media", "web", *words.split()]) for program in (OURS, THEIRS))
    assert ours[0].replace("'", '"') == theirs[0] and "source" in ours[0] and ours[1:] == theirs[1:]
