/**
 * The test suite that every storage driver extends, ours and users'. Needs JUnit 5 and AssertJ in the test scope of the driver; knows no driver by
 * name, and skips nothing: what a store says it cannot do must be refused in the way the SPI says. Start at
 * {@link io.alldocs.storage.contract.StorageDriverContract}.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.storage.contract;

import org.jspecify.annotations.NullMarked;
