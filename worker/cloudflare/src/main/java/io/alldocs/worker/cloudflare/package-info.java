/**
 * Workers beside Cloudflare's network: {@link io.alldocs.worker.cloudflare.DurableObjectQueue} is a queue in a Durable Object, {@link
 * io.alldocs.worker.cloudflare.CloudflareRuntimeProvider} the runtime with Workers KV as its store. The script that hosts the queue, {@code queue.js}, and
 * its {@code wrangler.toml} lie beside the classes in this artifact; the README in this module's folder says how they are deployed, and what each request
 * means.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.worker.cloudflare;

import org.jspecify.annotations.NullMarked;
