// SPDX-License-Identifier: ISC
// sctp_collector.js FILE: what sctp_collector.c does, with the SCTP of the
// npm package `sctp`, over UDP over IPv4.
'use strict'
const dgram = require('dgram')
const fs = require('fs')
const sctp = require('sctp')

const out = fs.openSync(process.argv[2], 'w')
const udp = dgram.createSocket('udp4')

function wrong (what) {
  console.error('sctp_collector.js: ' + what)
  process.exit(1)
}

// The package wants to know its peer before: the first packet tells.
udp.once('message', (packet, from) => {
  const socket = sctp.connect({
    passive: true,
    localPort: packet.readUInt16BE(2),
    port: packet.readUInt16BE(0),
    udpTransport: udp,
    udpPeer: { address: from.address, port: from.port }
  })
  socket.on('data', data => {
    if (data.ppid !== 0) wrong('payload protocol ' + data.ppid)
    fs.writeSync(out, data)
  })
  socket.on('stream', (stream, id) => {
    if (id !== 0) wrong('stream ' + id)
    stream.resume()
  })
  socket.on('error', error => wrong(error && error.message))
  socket.on('end', () => {
    fs.closeSync(out)
    // SHUTDOWN ACK is on its way.
    setTimeout(() => process.exit(0), 200)
  })
  udp.emit('message', packet, from)
})
udp.bind(0, '127.0.0.1', () => console.log('port ' + udp.address().port))
setTimeout(() => wrong('silence'), 60000).unref()
