/// What `nft list ruleset` prints with one workload: the user 70, which serves 8080, and the interface tun0 left alone.
enum GoldenHostRuleset {
    static let text = #"""
        table inet ambit-host {
        	map cgroups {
        		typeof socket cgroupv2 level 0 : meta mark
        	}

        	map users {
        		typeof meta skuid : meta mark
        		elements = { 70 : 0x03e81000 }
        	}

        	set workloads {
        		type mark
        		elements = { 0x03e81000 }
        	}

        	map outbound {
        		type mark : inet_service
        		elements = { 0x03e81000 : 16001 }
        	}

        	map dns {
        		type mark : inet_service
        		elements = { 0x03e81000 : 16002 }
        	}

        	set dns-ports {
        		type inet_service
        		elements = { 16002 }
        	}

        	set ports {
        		type inet_service
        		elements = { 8080 }
        	}

        	set own-ports {
        		type mark . inet_service
        		elements = { 0x03e81000 . 8080 }
        	}

        	set receivers {
        		typeof socket cgroupv2 level 0
        	}

        	set own-receivers {
        		typeof meta mark . socket cgroupv2 level 0
        	}

        	set excluded-interfaces {
        		type ifname
        		elements = { "tun0" }
        	}

        	chain identify-sender {
        		type filter hook output priority raw - 10; policy accept;
        		ip saddr 127.0.0.0/8 udp sport @dns-ports ct zone set 1
        		ip6 saddr ::1 udp sport @dns-ports ct zone set 1
        		meta mark & 0x00000fff == 0x00000539 oifname "lo" meta l4proto tcp ct original zone set 2
        		meta mark & 0x00000fff == 0x00000539 accept
        		tcp flags syn / fin,syn,rst,ack jump sender
        		udp dport 53 jump sender
        		udp dport 53 meta mark @workloads ct zone set 1
        	}

        	chain sender {
        		meta mark set meta skuid map @users
        		meta mark set socket cgroupv2 level 1 map @cgroups
        		meta mark set socket cgroupv2 level 2 map @cgroups
        		meta mark set socket cgroupv2 level 3 map @cgroups
        		meta mark set socket cgroupv2 level 4 map @cgroups
        		meta mark set socket cgroupv2 level 5 map @cgroups
        		meta mark set socket cgroupv2 level 6 map @cgroups
        	}

        	chain mangle-prerouting {
        		type filter hook prerouting priority mangle; policy accept;
        		iifname "lo" meta mark & 0x00000fff == 0x00000539 ct mark set ct mark & 0xfffff111 | 0x00000111
        	}

        	chain mangle-output {
        		type route hook output priority mangle; policy accept;
        		ct direction reply ct mark & 0x00000fff == 0x00000111 meta mark set meta mark & 0xfffff111 | 0x00000111
        	}

        	chain nat-prerouting {
        		type nat hook prerouting priority dstnat - 10; policy accept;
        		iifname @excluded-interfaces accept
        		meta mark & 0x00000fff == 0x00000539 accept
        		fib daddr type local tcp dport @ports tcp flags syn / fin,syn,rst,ack redirect to :15006
        	}

        	chain nat-output {
        		type nat hook output priority -110; policy accept;
        		oifname @excluded-interfaces accept
        		meta mark & 0x00000fff == 0x00000539 accept
        		udp dport 53 redirect to :meta mark map @dns
        		tcp dport 53 tcp flags syn / fin,syn,rst,ack redirect to :meta mark map @dns
        		ip daddr != 127.0.0.0/8 tcp flags syn / fin,syn,rst,ack redirect to :meta mark map @outbound
        		ip6 daddr != ::1 tcp flags syn / fin,syn,rst,ack redirect to :meta mark map @outbound
        		meta mark . tcp dport @own-ports accept
        		oifname "lo" tcp dport @ports tcp flags syn / fin,syn,rst,ack redirect to :15006
        	}

        	chain guard-output {
        		type filter hook output priority filter; policy accept;
        		meta mark != @workloads accept
        		oifname @excluded-interfaces accept
        		ip daddr 127.0.0.0/8 accept
        		ip6 daddr ::1 accept
        		tcp flags syn / fin,syn,rst,ack drop
        	}

        	chain guard-input {
        		type filter hook input priority filter; policy accept;
        		udp dport @dns-ports iifname "lo" socket mark & 0x00000fff != 0x00000539 drop
        		tcp flags syn / fin,syn,rst,ack jump receiver
        	}

        	chain receiver {
        		iifname "lo" tcp dport 16001-16639 socket mark & 0x00000fff != 0x00000539 meta mark @workloads drop
        		tcp dport { 15006, 15008 } socket mark & 0x00000fff != 0x00000539 drop
        		tcp dport { 15006, 15008 } accept
        		iifname @excluded-interfaces accept
        		meta mark & 0x00000fff == 0x00000539 accept
        		meta mark . tcp dport @own-ports accept
        		tcp dport @ports drop
        		meta mark . socket cgroupv2 level 6 @own-receivers accept
        		socket cgroupv2 level 6 @receivers drop
        		meta mark . socket cgroupv2 level 5 @own-receivers accept
        		socket cgroupv2 level 5 @receivers drop
        		meta mark . socket cgroupv2 level 4 @own-receivers accept
        		socket cgroupv2 level 4 @receivers drop
        		meta mark . socket cgroupv2 level 3 @own-receivers accept
        		socket cgroupv2 level 3 @receivers drop
        		meta mark . socket cgroupv2 level 2 @own-receivers accept
        		socket cgroupv2 level 2 @receivers drop
        		meta mark . socket cgroupv2 level 1 @own-receivers accept
        		socket cgroupv2 level 1 @receivers drop
        	}
        }

        """#
}
