/// What `nft list ruleset` prints after the capture was applied with the interface tun0 left alone.
enum GoldenRuleset {
    static let text = #"""
        table inet ambit-workload {
        	set captured-dns {
        		type inet_proto
        		elements = { tcp, udp }
        	}

        	set excluded-interfaces {
        		type ifname
        		elements = { "tun0" }
        	}

        	chain raw-output {
        		type filter hook output priority raw; policy accept;
        		meta mark & 0x00000fff == 0x00000111 notrack accept
        		udp dport 53 meta l4proto @captured-dns meta mark & 0x00000fff == 0x00000539 ct zone set 1
        	}

        	chain raw-prerouting {
        		type filter hook prerouting priority raw; policy accept;
        		udp sport 53 meta l4proto @captured-dns meta mark & 0x00000fff != 0x00000539 ct zone set 1
        	}

        	chain nat-prerouting {
        		type nat hook prerouting priority dstnat; policy accept;
        		iifname @excluded-interfaces accept
        		meta mark & 0x00000fff == 0x00000539 accept
        		ip daddr 127.0.0.0/8 accept
        		ip6 daddr ::1 accept
        		tcp dport 15008 accept
        		tcp flags syn / fin,syn,rst,ack redirect to :15006
        	}

        	chain nat-output {
        		type nat hook output priority -100; policy accept;
        		oifname @excluded-interfaces accept
        		meta mark & 0x00000fff == 0x00000539 accept
        		meta l4proto @captured-dns oifname != "lo" udp dport 53 redirect to :15053
        		meta l4proto @captured-dns oifname != "lo" tcp dport 53 tcp flags syn / fin,syn,rst,ack redirect to :15053
        		oifname "lo" accept
        		ip daddr 127.0.0.0/8 accept
        		ip6 daddr ::1 accept
        		tcp flags syn / fin,syn,rst,ack redirect to :15001
        	}

        	chain guard-output {
        		type filter hook output priority filter; policy accept;
        		tcp flags != syn / fin,syn,rst,ack accept
        		oifname "lo" accept
        		oifname @excluded-interfaces accept
        		ct status dnat accept
        		meta mark & 0x00000fff == { 0x00000111, 0x00000539 } accept
        		tcp flags syn / fin,syn,rst,ack drop
        	}

        	chain guard-input {
        		type filter hook input priority filter; policy accept;
        		tcp flags != syn / fin,syn,rst,ack accept
        		iifname "lo" accept
        		iifname @excluded-interfaces accept
        		ct status dnat accept
        		meta mark & 0x00000fff == 0x00000539 accept
        		tcp dport { 15006, 15008 } accept
        		tcp flags syn / fin,syn,rst,ack drop
        	}
        }

        """#
}
