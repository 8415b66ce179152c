// The work queue of all-docs: a Worker with an HTTP API and, for each queue, a Durable Object with SQLite. The README.md
// of this module documents how to deploy it, and each request.
import { DurableObject } from 'cloudflare:workers'

const PROTOCOL = '1'
const MAX_BODY_BYTES = 16 << 20 // also limits the size of a response; an object has 128 MB of memory
const MAX_PAYLOAD_BYTES = 1 << 20 // a SQLite row of an object has at most 2 MB
const MAX_NAME_BYTES = 512 // of an id, a request name or a token
const MAX_ITEMS = 1000 // in one request
const LONGEST_WAIT_MS = 20_000 // clients treat 30 s without data as a lost connection
const ANSWERS_KEPT_MS = 600_000 // for requests that are repeated because the response was lost
const DEAD_PER_PAGE = 100
const MAX_REASON_CHARS = 1000

// ---- HTTP

const ROUTES = {
  'POST /enqueue': (queue, body, query) => queue.enqueue(items(body), number(query, 'delay', 0), query.get('request')),
  'POST /exchange': (queue, body) => queue.exchange(exchange(body)),
  'POST /cancel': (queue, body) => queue.cancel(text(body, 'request')),
  'POST /renew': (queue, body) => queue.renew(leases(body, 'leases'), options(body)),
  'POST /pause': (queue, body) => queue.pause(whole(body, 'length')),
  'GET /pause': (queue, _, query) => queue.nextPause(number(query, 'seen', 0), number(query, 'wait', 0)),
  'GET /sizes': queue => queue.sizes(),
  'GET /idle': (queue, _, query) => queue.idle(number(query, 'wait', 0)),
  'GET /dead': (queue, _, query) => queue.dead(number(query, 'at', -1), number(query, 'seq', -1)),
  'POST /dead/retry': (queue, body) => queue.retryDead(ids(body), body.request),
  'POST /dead/discard': (queue, body) => queue.discardDead(ids(body), body.request)
}

export default {
  async fetch (request, env) {
    try {
      return Response.json(await answer(request, env), { headers: { 'all-docs-queue': PROTOCOL } })
    } catch (error) {
      const refusal = error instanceof Refusal ? error : failure(error)
      return Response.json({ error: refusal.message }, {
        status: refusal.status,
        headers: { 'all-docs-queue': PROTOCOL, ...refusal.headers }
      })
    }
  }
}

class Refusal extends Error {
  constructor (status, message, headers = {}) {
    super(message)
    this.status = status
    this.headers = headers
  }
}

/** https://developers.cloudflare.com/durable-objects/best-practices/error-handling/ */
function failure (error) {
  console.error(error)
  return error.overloaded || error.retryable
    ? new Refusal(503, 'The queue is busy or restarting.', { 'retry-after': '1' })
    : new Refusal(500, 'The queue failed. See its log.')
}

async function answer (request, env) {
  await requireToken(request, env)
  const url = new URL(request.url)
  const name = url.searchParams.get('queue') ?? 'all-docs-work'
  if (!/^[A-Za-z0-9._-]{1,128}$/.test(name)) {
    throw new Refusal(400, 'The queue name must have between 1 and 128 letters, digits, dots, underscores or hyphens.')
  }
  const route = ROUTES[`${request.method} ${url.pathname}`]
  if (!route) {
    const methods = ['GET', 'POST'].filter(method => ROUTES[`${method} ${url.pathname}`])
    throw methods.length > 0
      ? new Refusal(405, `Method not allowed. Use ${methods.join(', ')}.`, { allow: methods.join(', ') })
      : new Refusal(404, 'Not found.')
  }
  const body = request.method === 'POST' ? await json(request) : null
  return route(env.QUEUES.get(env.QUEUES.idFromName(name)), body, url.searchParams)
}

async function requireToken (request, env) {
  if (!env.QUEUE_TOKEN) {
    throw new Refusal(500, 'The queue has no token. Set it with: wrangler secret put QUEUE_TOKEN')
  }
  const digest = text => crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  const given = await digest(request.headers.get('authorization') ?? '')
  if (!crypto.subtle.timingSafeEqual(given, await digest(`Bearer ${env.QUEUE_TOKEN}`))) {
    throw new Refusal(401, 'The token is missing or wrong.', { 'www-authenticate': 'Bearer' })
  }
}

async function json (request) {
  const bytes = Number(request.headers.get('content-length') ?? 0) > MAX_BODY_BYTES ? null : await request.bytes()
  if (bytes === null || bytes.length > MAX_BODY_BYTES) {
    throw new Refusal(413, `The request body is larger than the limit of ${MAX_BODY_BYTES} bytes.`)
  }
  let value
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    throw new Refusal(400, 'The body is not JSON in UTF-8.')
  }
  if (typeof value !== 'object' || value === null) {
    throw new Refusal(400, 'The body is neither an object nor an array.')
  }
  return value
}

function number (query, name, fallback) {
  const value = Number(query.get(name) ?? fallback)
  if (!Number.isSafeInteger(value) || value < Math.min(0, fallback)) {
    throw new Refusal(400, `${name} must be a whole number.`)
  }
  return value
}

/** Converts a work item, or an array of them, to rows. */
function items (body) {
  const all = Array.isArray(body) ? body : [body]
  if (all.length > MAX_ITEMS) {
    throw new Refusal(413, `A request must add at most ${MAX_ITEMS} items.`)
  }
  return all.map((item, index) => {
    try {
      return row(item ?? {})
    } catch (error) {
      throw new Refusal(error.status ?? 400, `Item ${index}: ${error.message}`)
    }
  })
}

/** Returns the payload as text. payloadJson contains JSON text, which preserves numbers that JavaScript cannot represent. */
function row ({ type, id, payload = null, payloadJson = JSON.stringify(payload), priority = 0, attempts = 0 }) {
  requireText('type', type, 128)
  requireText('id', id, MAX_NAME_BYTES)
  requireText('payloadJson', payloadJson, Infinity)
  if (!Number.isSafeInteger(priority) || Math.abs(priority) > 1_000_000) {
    throw new Refusal(400, 'priority must be between -1000000 and 1000000.')
  }
  if (!Number.isSafeInteger(attempts) || attempts < 0 || attempts > 1_000_000) {
    throw new Refusal(400, 'attempts must be between 0 and 1000000.')
  }
  if (bytesOf(payloadJson) > MAX_PAYLOAD_BYTES) {
    throw new Refusal(413, `The payload is larger than the limit of ${MAX_PAYLOAD_BYTES} bytes.`)
  }
  JSON.parse(payloadJson)
  return { type, id, payloadJson, priority, attempts }
}

function requireText (what, text, maxBytes) {
  if (typeof text !== 'string' || text === '' || bytesOf(text) > maxBytes) {
    throw new Refusal(400, `${what} must be a string of 1 to ${maxBytes} bytes.`)
  }
}

function exchange (body) {
  return {
    request: text(body, 'request'),
    settlements: leases(body, 'settlements').map(settlement => {
      if (!['done', 'failed', 'handed-back'].includes(settlement.became)) {
        throw new Refusal(400, 'The field became of a settlement must be done, failed or handed-back.')
      }
      return {
        ...settlement,
        lost: settlement.lost === true,
        reason: String(settlement.reason ?? ''),
        after: whole({ after: 0, ...settlement }, 'after')
      }
    }),
    max: Math.min(whole(body, 'max'), MAX_ITEMS),
    wait: whole({ wait: 0, ...body }, 'wait'),
    options: options(body)
  }
}

/** Returns the client's options: times in milliseconds, and numbers of items. */
function options ({ options }) {
  const names = ['maxAttempts', 'backoff', 'maxBackoff', 'lease', 'maxLostLeases', 'interval', 'intervalCap']
  return Object.fromEntries(names.map(name => [name, whole(options ?? {}, name)]))
}

function leases (body, name) {
  const all = array(body, name)
  all.forEach(lease => [text(lease ?? {}, 'id'), text(lease, 'token')])
  return all
}

function ids (body) {
  const all = array(body, 'ids')
  all.forEach((_, index) => text(all, index))
  return all
}

function array (body, name) {
  if (!Array.isArray(body[name]) || body[name].length > MAX_ITEMS) {
    throw new Refusal(400, `${name} must be an array of at most ${MAX_ITEMS} elements.`)
  }
  return body[name]
}

function text (body, name) {
  requireText(name, body[name], MAX_NAME_BYTES)
  return body[name]
}

function whole (body, name) {
  if (!Number.isSafeInteger(body[name]) || body[name] < 0) {
    throw new Refusal(400, `${name} must be a whole number that is not negative.`)
  }
  return body[name]
}

function bytesOf (text) {
  return new TextEncoder().encode(text).length
}

// ---- the queue

function windowAt (now, interval) {
  return Math.floor(now / interval) * interval
}

/** Returns the first rows that fit a response, at least one. */
function fitting (rows) {
  const some = []
  let bytes = 0
  for (const row of rows) {
    bytes += row.bytes
    some.push(row)
    if (bytes > MAX_BODY_BYTES - MAX_PAYLOAD_BYTES) {
      break
    }
  }
  return some
}

/**
 * An item is a row in one of four states. `arrived` orders the items of a priority: it is the time when the item was
 * added, or when its delay or backoff ends. `until` is the end of its lease, or the time when it was given up. `token` is
 * the name of the request that leased it, chosen by the client; a repeated request gets the same leases.
 */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS items (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, type TEXT NOT NULL, payload TEXT NOT NULL,
    priority INTEGER NOT NULL, state TEXT NOT NULL, arrived INTEGER NOT NULL, until INTEGER, token TEXT,
    attempts INTEGER NOT NULL DEFAULT 0, lost INTEGER NOT NULL DEFAULT 0, reason TEXT);
  CREATE INDEX IF NOT EXISTS waiting ON items (priority DESC, arrived, seq) WHERE state = 'waiting';
  CREATE INDEX IF NOT EXISTS delayed ON items (arrived) WHERE state = 'delayed';
  CREATE INDEX IF NOT EXISTS running ON items (until) WHERE state = 'running';
  CREATE INDEX IF NOT EXISTS dead ON items (until, seq) WHERE state = 'dead';
  CREATE TABLE IF NOT EXISTS answers (request TEXT PRIMARY KEY, answer TEXT NOT NULL, at INTEGER NOT NULL);
  CREATE INDEX IF NOT EXISTS answered ON answers (at);
  CREATE TABLE IF NOT EXISTS limits (
    one INTEGER PRIMARY KEY, opened INTEGER NOT NULL DEFAULT 0, starts INTEGER NOT NULL DEFAULT 0, paused INTEGER NOT NULL DEFAULT 0);
  INSERT OR IGNORE INTO limits (one) VALUES (1);`

/**
 * Expired leases and delays are processed when a client requests items. No alarm is needed, because other requests could
 * not observe the difference. Waiting requests share one promise, which each change resolves.
 */
export class Queue extends DurableObject {
  constructor (state, env) {
    super(state, env)
    this.sql = state.storage.sql
    this.sql.exec(SCHEMA)
    this.change = Promise.withResolvers()
  }

  // ---- adding

  enqueue (rows, delay, request) {
    return this.once(request, now => {
      const state = delay > 0 ? 'delayed' : 'waiting'
      let added = 0
      for (const { id, type, payloadJson, priority, attempts } of rows) {
        this.sql.exec("DELETE FROM items WHERE id = ? AND state = 'dead'", id)
        added += this.count(
          'INSERT OR IGNORE INTO items (id, type, payload, priority, attempts, state, arrived) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING 1',
          id, type, payloadJson, priority, attempts, state, now + delay)
      }
      return { added }
    })
  }

  // ---- leasing and settling

  /** Settles, then leases up to `max` items. Waits for the first item if there is nothing to settle. */
  async exchange ({ request, settlements, max, wait, options }) {
    const end = Date.now() + (settlements.length > 0 ? 0 : Math.min(wait, LONGEST_WAIT_MS))
    for (;;) {
      const known = this.answered(request)
      const { passedOver, seqs, more } = known ?? this.attempt(request, settlements, max, options)
      const now = Date.now()
      if (known || seqs.length > 0 || now >= end) {
        return { passedOver, leases: this.leases(seqs, request), more }
      }
      await this.changed(Math.min(end, this.nextEvent(options, now)) - now)
    }
  }

  /** Stores the response if the request changed anything, so that a repeated request has no effect. */
  attempt (request, settlements, max, options) {
    return this.ctx.storage.transactionSync(() => {
      const now = Date.now()
      const passedOver = settlements.flatMap((settlement, index) => this.settle(settlement, options, now) ? [] : [index])
      const answer = { passedOver, ...this.take(max, request, options, now) }
      if (settlements.length > 0) {
        this.wake()
      }
      if (settlements.length > 0 || answer.seqs.length > 0) {
        this.remember(request, answer, now)
      }
      return answer
    })
  }

  settle (settlement, options, now) {
    const lease = [settlement.id, settlement.token]
    switch (settlement.became) {
      case 'done':
        return this.count("DELETE FROM items WHERE id = ? AND token = ? AND state = 'running' RETURNING 1", ...lease) > 0
      case 'handed-back':
        return settlement.lost ? this.lose(settlement, options, now) : this.count(
          `UPDATE items SET state = 'waiting', attempts = attempts - 1, token = NULL
            WHERE id = ? AND token = ? AND state = 'running' RETURNING 1`, ...lease) > 0
      default:
        return this.fail(settlement, options, now)
    }
  }

  fail ({ id, token, reason, retryable, after = 0 }, options, now) {
    const [row] = this.sql.exec("SELECT attempts FROM items WHERE id = ? AND token = ? AND state = 'running'", id, token)
    if (!row) {
      return false
    }
    if (retryable && row.attempts < options.maxAttempts) {
      const backoff = Math.min(options.backoff * 2 ** (row.attempts - 1), options.maxBackoff)
      this.sql.exec("UPDATE items SET state = 'delayed', arrived = ?, token = NULL WHERE id = ?", now + Math.max(backoff, after), id)
    } else {
      this.sql.exec("UPDATE items SET state = 'dead', until = ?, reason = ?, token = NULL WHERE id = ?",
        now, reason.slice(0, MAX_REASON_CHARS), id)
    }
    return true
  }

  take (max, token, options, now) {
    if (max === 0 || this.limits().paused > now) {
      return { seqs: [], more: false }
    }
    this.takeBack(options, now)
    this.endDelays(now)
    const { seqs, more } = this.first(Math.min(max, this.startsLeft(options, now)))
    if (seqs.length > 0) {
      this.sql.exec(
        `UPDATE items SET state = 'running', until = ?, token = ?, attempts = attempts + 1
          WHERE seq IN (SELECT value FROM json_each(?))`, now + options.lease, token, JSON.stringify(seqs))
      this.countStarts(seqs.length, options, now)
    }
    return { seqs, more }
  }

  endDelays (now) {
    this.sql.exec("UPDATE items SET state = 'waiting' WHERE state = 'delayed' AND arrived <= ?", now)
  }

  /** Counts a lost lease of an item. Older scripts ignore `lost` and return the item, because the request contains both. */
  lose ({ id, token, reason }, { maxLostLeases }, now) {
    return this.countLost("id = ? AND token = ? AND state = 'running'", [id, token], maxLostLeases, reason, now) > 0
  }

  /**
   * Requeues items with expired leases at their former positions. An item that lost too many leases becomes a dead
   * letter, because it may crash the workers.
   */
  takeBack ({ maxLostLeases }, now) {
    this.countLost("state = 'running' AND until <= ?", [now], maxLostLeases,
      'the worker died, or did not renew the lease in time.', now)
  }

  countLost (which, values, maxLostLeases, reason, now) {
    const dead = this.count(
      `UPDATE items SET state = 'dead', until = ?, token = NULL, attempts = attempts - 1, lost = lost + 1,
        reason = substr('Its lease was lost ' || (lost + 1) || ' times; last reason: ' || ?, 1, ${MAX_REASON_CHARS})
        WHERE ${which} AND lost + 1 >= ? RETURNING 1`, now, reason, ...values, maxLostLeases)
    return dead + this.count(
      `UPDATE items SET state = 'waiting', lost = lost + 1, attempts = attempts - 1, token = NULL
        WHERE ${which} RETURNING 1`, ...values)
  }

  /** Returns the next items, at most as many as fit a response. */
  first (limit) {
    const rows = this.sql.exec(
      `SELECT seq, octet_length(payload) AS bytes FROM items WHERE state = 'waiting'
        ORDER BY priority DESC, arrived, seq LIMIT ?`, limit).toArray()
    const seqs = fitting(rows).map(({ seq }) => seq)
    return { seqs, more: seqs.length < rows.length || seqs.length === MAX_ITEMS }
  }

  leases (seqs, token) {
    const rows = this.sql.exec(
      `SELECT items.id, items.type, payload AS payloadJson, priority, attempts, lost FROM json_each(?) AS taken
        JOIN items ON seq = taken.value WHERE token = ? ORDER BY taken.key`, JSON.stringify(seqs), token)
    return rows.toArray()
  }

  /** Undoes a request for items whose response will not be read. If that request arrives later, it gets no items. */
  cancel (request) {
    return this.ctx.storage.transactionSync(() => {
      this.sql.exec(
        `UPDATE items SET state = 'waiting', attempts = attempts - 1, token = NULL
          WHERE state = 'running' AND token = ?`, request)
      this.remember(request, { passedOver: [], seqs: [], more: false }, Date.now())
      this.wake()
      return {}
    })
  }

  renew (leases, { lease }) {
    const until = Date.now() + lease
    const renewed = ({ id, token }) => this.count(
      "UPDATE items SET until = ? WHERE id = ? AND token = ? AND state = 'running' RETURNING 1", until, id, token) > 0
    return { lost: leases.flatMap((each, index) => renewed(each) ? [] : [index]) }
  }

  // ---- limits

  /** Returns how many items may start in this window. Windows follow each other and have the length `interval`. */
  startsLeft ({ interval, intervalCap }, now) {
    const { opened, starts } = this.limits()
    if (intervalCap === 0) {
      return MAX_ITEMS
    }
    return opened === windowAt(now, interval) ? Math.max(0, intervalCap - starts) : intervalCap
  }

  countStarts (more, { interval, intervalCap }, now) {
    if (intervalCap > 0) {
      this.sql.exec('UPDATE limits SET starts = IIF(opened = ?1, starts, 0) + ?2, opened = ?1', windowAt(now, interval), more)
    }
  }

  /** Returns the next time when items that cannot be leased now may become available. */
  nextEvent (options, now) {
    const { paused } = this.limits()
    if (paused > now) {
      return paused
    }
    if (this.startsLeft(options, now) === 0) {
      return windowAt(now, options.interval) + options.interval
    }
    return this.sql.exec(
      `SELECT MIN(at) AS at FROM (
        SELECT MIN(arrived) AS at FROM items WHERE state = 'delayed' UNION ALL
        SELECT MIN(until) FROM items WHERE state = 'running')`).one().at ?? Infinity
  }

  pause (length) {
    this.sql.exec('UPDATE limits SET paused = MAX(paused, ?)', Date.now() + length)
    this.wake()
    return {}
  }

  /** Waits for a pause that ends later than `seen`, and returns it. */
  async nextPause (seen, wait) {
    const end = Date.now() + Math.min(wait, LONGEST_WAIT_MS)
    for (;;) {
      const now = Date.now()
      const { paused } = this.limits()
      if ((paused > now && paused > seen) || now >= end) {
        return { until: Math.max(paused, seen), left: paused > seen ? Math.max(0, paused - now) : 0 }
      }
      await this.changed(end - now)
    }
  }

  limits () {
    return this.sql.exec('SELECT opened, starts, paused FROM limits').one()
  }

  // ---- sizes and dead letters

  sizes () {
    const number = state => `(SELECT COUNT(*) FROM items WHERE state = '${state}') AS ${state}`
    this.endDelays(Date.now())
    return this.sql.exec(`SELECT ${['waiting', 'delayed', 'running', 'dead'].map(number).join(', ')}`).one()
  }

  /** Waits until no work is left, for a limited time. Returns whether no work is left. */
  async idle (wait) {
    const end = Date.now() + Math.min(wait, LONGEST_WAIT_MS)
    const any = state => `EXISTS (SELECT 1 FROM items WHERE state = '${state}')`
    const open = ['waiting', 'delayed', 'running'].map(any).join(' OR ')
    for (;;) {
      const idle = this.sql.exec(`SELECT ${open} AS open`).one().open === 0
      if (idle || Date.now() >= end) {
        return { idle }
      }
      await this.changed(end - Date.now())
    }
  }

  /** Returns a page of dead letters, oldest first, after the position `at`, `seq`. */
  dead (at, seq) {
    const rows = this.sql.exec(
      `SELECT id, type, payload AS payloadJson, priority, attempts, reason, until AS at, seq,
          octet_length(payload) AS bytes FROM items
        WHERE state = 'dead' AND (until, seq) > (?, ?) ORDER BY until, seq LIMIT ?`, at, seq, DEAD_PER_PAGE)
    return { dead: fitting(rows) }
  }

  retryDead (ids, request) {
    return this.once(request, now => ({
      changed: this.countEach(
        `UPDATE items SET state = 'waiting', arrived = ?1, attempts = 0, lost = 0, reason = NULL
          WHERE id = ?2 AND state = 'dead' RETURNING 1`, ids, now)
    }))
  }

  discardDead (ids, request) {
    return this.once(request, now => ({
      changed: this.countEach("DELETE FROM items WHERE ?1 IS NOT NULL AND id = ?2 AND state = 'dead' RETURNING 1", ids, now)
    }))
  }

  // ---- helpers

  count (statement, ...values) {
    return this.sql.exec(statement, ...values).toArray().length
  }

  countEach (statement, ids, now) {
    return ids.reduce((sum, id) => sum + this.count(statement, now, id), 0)
  }

  /** Changes the queue once per request name; a repeated request gets the same response without another change. */
  once (request, work) {
    const known = request ? this.answered(request) : null
    return known ?? this.ctx.storage.transactionSync(() => {
      const now = Date.now()
      const answer = work(now)
      if (request) {
        this.remember(request, answer, now)
      }
      this.wake()
      return answer
    })
  }

  answered (request) {
    const [known] = this.sql.exec('SELECT answer FROM answers WHERE request = ?', request)
    return known && JSON.parse(known.answer)
  }

  remember (request, answer, now) {
    this.sql.exec('DELETE FROM answers WHERE at < ?', now - ANSWERS_KEPT_MS)
    this.sql.exec('INSERT OR REPLACE INTO answers (request, answer, at) VALUES (?, ?, ?)', request, JSON.stringify(answer), now)
  }

  wake () {
    this.change.resolve()
    this.change = Promise.withResolvers()
  }

  /** Resolves at the next change, or after this time at the latest. */
  async changed (milliseconds) {
    let timer
    await Promise.race([
      this.change.promise,
      new Promise(resolve => { timer = setTimeout(resolve, Math.max(1, milliseconds)) })
    ])
    clearTimeout(timer)
  }
}
