/**
 * The test suite that every HTTP transport extends, ours and users'. Its servers answer with hostile bytes: broken
 * framing, wrong lengths, odd headers, resets and slow bytes. Needs JUnit 5 and AssertJ in the test scope of the
 * transport, and knows no transport by name. Start at {@link io.alldocs.http.contract.TransportContract}.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.http.contract;

import org.jspecify.annotations.NullMarked;
