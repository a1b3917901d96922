package daemon

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"time"
)

// The PROXY protocol as HAProxy's document proxy-protocol.txt defines it: version
// 1 is a text line (§2.1), version 2 is binary (§2.2).
const (
	proxyTimeout = 5 * time.Second
	proxyV1Max   = 107     // octets with CRLF, §2.1
	proxyV2Max   = 4 << 10 // octets of addresses and TLVs that we take
	proxyV2Sig   = "\r\n\r\n\x00\r\nQUIT\n"
)

// trusts tells whether a peer's connections begin with a PROXY header. The
// receiver must know; it may not guess (§2). A Unix socket is never trusted.
func (s *Server) trusts(peer net.Addr) bool {
	t, ok := peer.(*net.TCPAddr)
	if !ok {
		return false
	}
	a := t.AddrPort().Addr().Unmap()
	for _, p := range s.cfg.Proxies {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// readProxyHeader takes the header off the socket, and not an octet more.
func (c *Conn) readProxyHeader() error {
	c.raw.SetReadDeadline(time.Now().Add(min(proxyTimeout, c.srv.cfg.Idle)))
	defer c.raw.SetReadDeadline(time.Time{})
	src, dst, err := ReadProxyHeader(c.raw)
	if err != nil {
		return err
	}
	if src.IsValid() {
		c.rec.Remark("proxied by %s", c.client)
		c.client, c.local = src.String(), dst.String()
	}
	return nil
}

// ReadProxyHeader reads a PROXY header of either version from r and nothing
// behind it. The addresses are invalid where the header names none (UNKNOWN,
// LOCAL, Unix sockets).
func ReadProxyHeader(r io.Reader) (src, dst netip.AddrPort, err error) {
	head := make([]byte, len(proxyV2Sig), proxyV1Max)
	if _, err := io.ReadFull(r, head); err != nil {
		return src, dst, err
	}
	if string(head) == proxyV2Sig {
		return readProxyV2(r)
	}
	if !bytes.HasPrefix(head, []byte("PROXY ")) {
		return src, dst, errors.New("no PROXY header")
	}
	for !bytes.HasSuffix(head, []byte("\r\n")) {
		if len(head) == proxyV1Max {
			return src, dst, errors.New("a version 1 header without an end")
		}
		head = head[:len(head)+1]
		if _, err := io.ReadFull(r, head[len(head)-1:]); err != nil {
			return src, dst, err
		}
	}
	return parseProxyV1(string(head[:len(head)-2]))
}

func parseProxyV1(s string) (src, dst netip.AddrPort, err error) {
	f := strings.Split(s, " ")
	if len(f) >= 2 && f[1] == "UNKNOWN" {
		return src, dst, nil
	}
	if len(f) != 6 || f[1] != "TCP4" && f[1] != "TCP6" {
		return src, dst, fmt.Errorf("bad version 1 header %q", s)
	}
	if src, err = proxyAddr(f[2], f[4], f[1] == "TCP4"); err == nil {
		dst, err = proxyAddr(f[3], f[5], f[1] == "TCP4")
	}
	if err != nil {
		return netip.AddrPort{}, netip.AddrPort{}, fmt.Errorf("bad version 1 header %q: %w", s, err)
	}
	return src, dst, nil
}

func proxyAddr(host, port string, v4 bool) (netip.AddrPort, error) {
	a, err := netip.ParseAddr(host)
	if err != nil {
		return netip.AddrPort{}, err
	}
	if a.Is4() != v4 || a.Zone() != "" {
		return netip.AddrPort{}, errors.New("address of another family")
	}
	return netip.ParseAddrPort(net.JoinHostPort(a.String(), port))
}

func readProxyV2(r io.Reader) (src, dst netip.AddrPort, err error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return src, dst, err
	}
	size := int(binary.BigEndian.Uint16(head[2:]))
	if head[0]>>4 != 2 || size > proxyV2Max {
		return src, dst, fmt.Errorf("version 2 header with version %d and %d octets", head[0]>>4, size)
	}
	body := make([]byte, size)
	if _, err := io.ReadFull(r, body); err != nil {
		return src, dst, err
	}
	command, family := head[0]&0xf, head[1]
	switch {
	case command == 0: // LOCAL: the proxy's own connection
		return src, dst, nil
	case command != 1:
		return src, dst, fmt.Errorf("version 2 header with command %d", command)
	case family == 0x11 && size >= 12: // TCP over IPv4
		return proxyPorts(netip.AddrFrom4([4]byte(body)), netip.AddrFrom4([4]byte(body[4:])), body[8:])
	case family == 0x21 && size >= 36: // TCP over IPv6
		return proxyPorts(netip.AddrFrom16([16]byte(body)), netip.AddrFrom16([16]byte(body[16:])), body[32:])
	case family == 0x11 || family == 0x21:
		return src, dst, errors.New("version 2 header without its addresses")
	}
	return src, dst, nil // UNSPEC, Unix, datagrams: taken, and not used (§2.2)
}

func proxyPorts(src, dst netip.Addr, ports []byte) (netip.AddrPort, netip.AddrPort, error) {
	return netip.AddrPortFrom(src, binary.BigEndian.Uint16(ports)),
		netip.AddrPortFrom(dst, binary.BigEndian.Uint16(ports[2:])), nil
}
