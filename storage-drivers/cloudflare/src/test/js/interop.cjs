// Runs Cloudflare's workerd with one KV namespace until standard input ends. Usage: node interop.cjs ACCOUNT NAMESPACE
// Prints two addresses as a line of JSON. One is that of the namespace's REST API, the other that of a worker.
// Miniflare serves the REST API without accounts, so a proxy removes the account from the path. The worker reads the
// namespace through its binding, and computes the digest of an entry's body as the JavaScript project does.
'use strict'
const http = require('http')
const { Miniflare } = require('miniflare')

const [account, namespace] = process.argv.slice(2)

const worker = `export default {
  async fetch (request, env) {
    const key = new URL(request.url).searchParams.get('key')
    const value = await env.CACHE.get(key, 'json')
    const { metadata } = await env.CACHE.getWithMetadata(key)
    return Response.json({ value, metadata, integrity: await integrity(JSON.stringify(value.body)) })
  }
}

async function integrity (text) {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return 'sha256-' + btoa(String.fromCharCode(...new Uint8Array(digest)))
}`

async function main () {
  const miniflare = new Miniflare({
    host: '127.0.0.1',
    port: 0,
    modules: true,
    script: worker,
    compatibilityDate: '2025-10-01',
    kvNamespaces: { CACHE: namespace },
    unsafeLocalExplorer: true
  })
  const url = await miniflare.ready
  const api = http.createServer((request, response) => {
    const path = request.url.replace(`/accounts/${account}`, '/cdn-cgi/explorer/api')
    const headers = { ...request.headers, host: url.host }
    const onward = http.request({ host: url.hostname, port: url.port, path, method: request.method, headers }, answer => {
      response.writeHead(answer.statusCode, answer.headers)
      answer.pipe(response)
    })
    onward.on('error', () => response.destroy())
    request.pipe(onward)
  })
  api.listen(0, '127.0.0.1', () => {
    console.log(JSON.stringify({ api: `http://127.0.0.1:${api.address().port}`, worker: url.href }))
  })
  process.stdin.resume().on('end', async () => {
    api.closeAllConnections()
    api.close()
    await miniflare.dispose()
  })
}

main().catch(error => {
  console.error(error)
  process.exit(1)
})
