/**
 * Servers on 127.0.0.1 that speak the vendors' APIs, for tests of what is stored there without an account: {@link io.alldocs.storage.emulators.FakeS3} and
 * {@link io.alldocs.storage.emulators.S3Server} (which need S3Proxy on the class path), {@link io.alldocs.storage.emulators.FakeGcs}, {@link io.alldocs.storage.emulators.FakeKv},
 * {@link io.alldocs.storage.emulators.FakeFastly}. They follow the vendors' references, refuse what these refuse, and know of the vendors no more than the drivers use. Not published.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.storage.emulators;

import org.jspecify.annotations.NullMarked;
