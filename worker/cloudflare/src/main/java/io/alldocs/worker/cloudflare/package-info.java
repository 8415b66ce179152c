/**
 * Workers that use Cloudflare's services: {@link io.alldocs.worker.cloudflare.DurableObjectQueue} is a queue in a
 * Durable Object, and {@link io.alldocs.worker.cloudflare.CloudflareRuntimeProvider} is the runtime that stores data in
 * Workers KV. The script that hosts the queue, {@code queue.js}, and its {@code wrangler.toml} are resources of this
 * artifact. The README of this module documents how to deploy them, and each request.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.worker.cloudflare;

import org.jspecify.annotations.NullMarked;
