#!/usr/bin/env node
'use strict'
// Every Node can parse this file, so that an old one can say what is wrong instead of a syntax error. What needs a new Node is
// in run.js, which is loaded only there.
var fs = require('fs')
var path = require('path')
var manifest = require('../package.json')

// A checkout is run from its TypeScript, which Node reads by itself from 24 on; the package has what older ones read too.
var isCheckout = fs.existsSync(path.join(__dirname, '..', 'src', 'cli', 'main.ts'))
var needed = isCheckout ? [24, 0] : [22, 13]

/** Is this version (`24.21.0`) new enough? */
function isNew(version) {
  var parts = String(version).replace(/^v/, '').split('.').map(Number)
  return parts[0] > needed[0] || (parts[0] === needed[0] && parts[1] >= needed[1])
}

/** The npm package `node`, where it is installed beside us; null otherwise. */
function nodeBesides() {
  try {
    var found = require.resolve('node/package.json', { paths: [path.join(__dirname, '..')] })
    return isNew(require(found).version) ? path.join(path.dirname(found), 'bin', 'node') : null
  } catch (error) {
    if (error && error.code === 'MODULE_NOT_FOUND') return null
    throw error
  }
}

/** Runs the same under another Node: same words, same streams, same signals, same end. */
function relay(node) {
  // The channel tells the child when this process is killed and can pass on nothing more.
  var stdio = ['inherit', 'inherit', 'inherit', 'ipc']
  var child = require('child_process').spawn(node, [__filename].concat(process.argv.slice(2)), { stdio: stdio })
  var signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2']
  signals.forEach(function (name) {
    process.on(name, function () {
      child.kill(name)
    })
  })
  child.on('error', function (error) {
    console.error('antemortem: cannot run ' + node + ': ' + error.message)
    process.exit(2)
  })
  child.on('exit', function (code, signal) {
    if (!signal) process.exit(code)
    signals.forEach(function (name) {
      process.removeAllListeners(name)
    })
    process.kill(process.pid, signal)
  })
}

if (process.argv[2] === '--version' || process.argv[2] === '-V') {
  console.log(manifest.version)
} else if (isNew(process.version)) {
  require('./run.js')
} else {
  var node = nodeBesides()
  if (node) relay(node)
  else {
    console.error(
      'antemortem: Antemortem needs Node.js >= ' +
        needed.join('.') +
        '; this is ' +
        process.version +
        ' (' +
        process.execPath +
        ').\n' +
        '  Install a newer Node.js (https://nodejs.org), or: npm install node@24',
    )
    process.exit(2)
  }
}
