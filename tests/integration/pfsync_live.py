# SPDX-License-Identifier: ISC
"""pfsync-live: on one end of a veth pair, in a network namespace of its own;
the packets of the shipped capture go in at the other."""
import collections

from service import *

SKIP = 77
HERE = os.path.abspath(__file__)
CAPTURE = TOP + "/examples/data/pfsync.pcap"
MULTICAST = bytes.fromhex("01005e0000f0")
SENDER = bytes.fromhex("020000000001")
SAME = ("states", "full_states", "states_given", "compressed_updates",
        "deletes", "clears", "bulk_marks", "refreshes", "packets")


def sh(*args):
    subprocess.run(args, check=True, timeout=TIMEOUT)


def ip_packets():
    """The capture's packets from their IP header on, which some lack."""
    with open(CAPTURE, "rb") as file:
        data = file.read()
    at = 24
    while at < len(data):
        length = struct.unpack_from("<I", data, at + 8)[0]
        packet = data[at + 16:at + 16 + length]
        at += 16 + length
        if packet[0] >> 4 == 0:
            packet = ipv4("192.0.2.1", "224.0.0.240", 240, packet)
            packet = packet[:8] + b"\xff" + packet[9:]
        yield packet


def frame(packet, tag=b""):
    return MULTICAST + SENDER + tag + b"\x08\x00" + packet


def flows(text):
    """What the lines of pflowdump -j say, but for times and reasons."""
    kept = ("sourceIPv4Address", "destinationIPv4Address", "sourceIPv6Address",
            "destinationIPv6Address", "sourceTransportPort",
            "destinationTransportPort", "protocolIdentifier",
            "octetDeltaCount", "packetDeltaCount")
    lines = [json.loads(line) for line in text.splitlines()]
    return collections.Counter(
        tuple((name, str(flow[name])) for name in kept if name in flow)
        for flow in lines)


class PfsyncLive(ServiceCase):
    def setUp(self):
        super().setUp()
        sh("ip", "link", "add", "pf0", "type", "veth", "peer", "name", "pf1")
        self.addCleanup(subprocess.run, ["ip", "link", "del", "pf0"],
                        stderr=subprocess.DEVNULL)
        sh("ip", "link", "set", "pf0", "up")
        sh("ip", "link", "set", "pf1", "up")

    def wait_for_capture(self, pid):
        """Until it has a socket for packets, and has gone to sleep."""
        end, asleep = time.time() + TIMEOUT, 0
        while asleep < 10:
            with open("/proc/net/packet") as file:
                bound = len(file.readlines()) > 1
            with open("/proc/%d/stat" % pid) as file:
                state = file.read().rsplit(")", 1)[1].split()[0]
            asleep = asleep + 1 if bound and state == "S" else 0
            self.assertLess(time.time(), end, "nobody captures")
            time.sleep(0.02)

    def send(self, frames):
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as s:
            s.bind(("pf1", 0))
            for octets in frames:
                s.send(octets)

    def wait_for_states(self, seconds=1.0):
        """Time for the last packet to arrive; nothing depends on how long."""
        time.sleep(seconds)

    def from_file(self):
        listener = Listener("-j")
        code, out, err = run(PFLOWEXPORT, "-j", "pfsync:" + CAPTURE, "dst",
                             listener.dest, "proto", "10", "select", "all")
        self.assertEqual(code, 0, err)
        time.sleep(0.5)
        _, lines, _ = listener.end(signal.SIGINT)
        return json.loads(out)["counters"]["source"], flows(lines)

    def live(self, dest):
        process = subprocess.Popen(
            [PFLOWEXPORT, "-jq", "pfsync-live:pf0", "dst", dest, "proto", "10",
             "select", "all"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(process.kill)
        self.wait_for_capture(process.pid)
        return process

    def test_an_interface_tells_what_a_capture_tells(self):
        counters, wanted = self.from_file()
        self.assertGreater(sum(wanted.values()), 10)
        listener = Listener("-j")
        process = self.live(listener.dest)
        # Others talk on the interface as well.
        noise = frame(ipv4("192.0.2.1", "192.0.2.2", 17, udp(1, 2, b"x")))
        sent = [frame(packet) for packet in ip_packets()]
        self.send([noise] + sent + [noise])
        self.wait_for_states()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=TIMEOUT)
        self.assertEqual(process.returncode, 0, err)
        time.sleep(0.5)
        _, lines, _ = listener.end(signal.SIGINT)
        heard = json.loads(out)["counters"]["source"]
        self.assertEqual({name: heard[name] for name in SAME},
                         {name: counters[name] for name in SAME})
        self.assertEqual(heard["frames"], len(sent))
        self.assertEqual(heard["kernel_dropped_packets"], 0)
        self.assertEqual(heard["interface_dropped_packets"], 0)
        self.assertEqual(flows(lines), wanted)

    def test_tagged_frames_are_heard(self):
        process = self.live("file:" + self.path("out"))
        self.send(frame(packet, b"\x81\x00\x00\x07")
                  for packet in ip_packets())
        self.wait_for_states()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=TIMEOUT)
        self.assertEqual(process.returncode, 0, err)
        heard = json.loads(out)["counters"]["source"]
        self.assertEqual(heard["packets"], len(list(ip_packets())))

    def test_an_interface_that_goes_away_ends_it_with_all_it_knew(self):
        process = self.live("file:" + self.path("out"))
        self.send(frame(packet) for packet in ip_packets())
        self.wait_for_states()
        sh("ip", "link", "del", "pf0")
        out, err = process.communicate(timeout=TIMEOUT)
        self.assertEqual(process.returncode, 1, err)
        self.assert_one_line(err.decode())
        self.assertIn("pfsync-live:pf0: ", err.decode())
        heard = json.loads(out)["counters"]["source"]
        self.assertEqual(heard["states_tracked"], 0)
        self.assertGreater(heard["states_given"], 0)

    def test_an_interface_that_is_not_there_is_named(self):
        code, out, err = run(PFLOWEXPORT, "pfsync-live:nowhere0", "dst",
                             "file:" + self.path("out"), "proto", "10")
        self.assertEqual((code, out), (1, ""))
        self.assert_one_line(err)
        self.assertIn("pfsync-live:nowhere0: ", err)

    def test_a_service_hears_it(self):
        _, wanted = self.from_file()
        listener = Listener("-j")
        service = self.service(
            "source pfsync-live:pf0\npflow0 dst %s proto 10 select all\n" %
            listener.dest)
        self.wait_for_capture(service.process.pid)
        self.send(frame(packet) for packet in ip_packets())
        self.wait_for_states()
        self.assertEqual(service.end(), 0)
        time.sleep(0.5)
        _, lines, _ = listener.end(signal.SIGINT)
        self.assertEqual(flows(lines), wanted)


def in_namespace():
    """Run again, alone on a network of its own; False: that is not allowed."""
    if os.geteuid() != 0 or sys.platform != "linux":
        return False
    allowed = subprocess.run(
        ["unshare", "--net", "sh", "-c", "ip link set lo up && "
         "ip link add pf0 type veth peer name pf1"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return allowed.returncode == 0


if __name__ == "__main__":
    if "PFLOW_IN_NAMESPACE" in os.environ:
        sh("ip", "link", "set", "lo", "up")
        main()
    if not in_namespace():
        print("skipped: needs root and network namespaces (unshare, ip)")
        sys.exit(SKIP)
    os.environ["PFLOW_IN_NAMESPACE"] = "yes"
    os.execvp("unshare", ["unshare", "--net", sys.executable, "-B", HERE] +
              sys.argv[1:])
