/**
 * Servers on 127.0.0.1 that implement the vendors' APIs, so that tests need no account. They are
 * {@link io.alldocs.storage.emulators.FakeS3} and {@link io.alldocs.storage.emulators.S3Server} (which need S3Proxy on
 * the class path), {@link io.alldocs.storage.emulators.FakeGcs}, {@link io.alldocs.storage.emulators.FakeKv},
 * {@link io.alldocs.storage.emulators.FakeFastly}. They follow the vendors' API references and reject what the vendors
 * reject. They implement only the requests that the drivers use. Not published.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.storage.emulators;

import org.jspecify.annotations.NullMarked;
