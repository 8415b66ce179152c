/**
 * The test suite for HTTP transports, of this project and of its users. Its servers send hostile bytes: broken framing,
 * wrong lengths, unusual headers, resets and slow bytes. The suite requires JUnit 5 and AssertJ in the test scope of
 * the transport and does not depend on any specific transport. Start at
 * {@link io.alldocs.http.contract.TransportContract}.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.http.contract;

import org.jspecify.annotations.NullMarked;
