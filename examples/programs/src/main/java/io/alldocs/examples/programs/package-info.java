/**
 * Short programs. Each of them shows one use of the SDK. They read their settings from environment variables, as
 * {@link io.alldocs.Env#system()} does: {@code NPM_ORIGIN} and {@code NPM_REGISTRY} name the servers,
 * {@code STORAGE_DRIVER} and {@code CACHE_DIR} the cache. Open {@link io.alldocs.examples.programs.ListNames} first.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.examples.programs;

import org.jspecify.annotations.NullMarked;
