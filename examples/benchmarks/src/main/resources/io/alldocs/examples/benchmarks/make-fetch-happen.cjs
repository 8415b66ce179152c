// Fetches packuments with npm's make-fetch-happen into new cacache folders, pass after pass, then reads them.
// Prints the same lines as the command `fetch`.
// Usage: node make-fetch-happen.cjs REGISTRY NAMES WORK_DIR CONCURRENCY PASSES READS
'use strict'
const fs = require('fs')
const path = require('path')
const fetch = require('make-fetch-happen')
const cacache = require('cacache')

const [registry, namesFile, workDir, concurrency, passes, reads] = process.argv.slice(2)
const names = fs.readFileSync(namesFile, 'utf8').split('\n').filter(Boolean)
const address = name => `${registry}/${name.replace('/', '%2f')}`

async function each (work) {
  let next = 0
  const loop = async () => {
    while (next < names.length) await work(names[next++])
  }
  await Promise.all(Array.from({ length: Number(concurrency) }, loop))
}

async function measured (kind, pass, work) {
  let packuments = 0
  let bytes = 0
  const start = process.hrtime.bigint()
  await each(async name => {
    const body = await work(name)
    packuments++
    bytes += body.length
  })
  const seconds = Number(process.hrtime.bigint() - start) / 1e9
  console.log(JSON.stringify({ kind, pass, seconds, packuments, bytes }))
}

async function request (client, name, cache) {
  const response = await client(address(name), { headers: { accept: 'application/json' }, cache })
  if (response.status !== 200) throw new Error(`${name}: ${response.status}`)
  return response.buffer()
}

async function main () {
  let cachePath
  let client
  for (let pass = 1; pass <= Number(passes); pass++) {
    cachePath = path.join(workDir, `pass-${pass}`)
    client = fetch.defaults({ cachePath, maxSockets: Number(concurrency), retry: 0 })
    await measured('fetch', pass, name => request(client, name, 'default'))
  }
  for (let pass = 1; pass <= Number(reads); pass++) {
    await measured('decoded', pass, name => request(client, name, 'only-if-cached'))
    await measured('cacache', pass, async name =>
      (await cacache.get(cachePath, `make-fetch-happen:request-cache:${address(name)}`)).data)
  }
}

main().catch(error => {
  console.error(error)
  process.exit(1)
})
