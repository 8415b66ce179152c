/**
 * Workers beside Fastly's network: {@link io.alldocs.worker.fastly.FastlyRuntimeProvider} is the runtime with Fastly's KV Store as its store.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.worker.fastly;

import org.jspecify.annotations.NullMarked;
