/**
 * The test suite for storage drivers, for this project's drivers and for yours. It needs JUnit 5 and AssertJ in the
 * test scope of the driver. It contains nothing specific to a driver and skips no tests. Operations that a store does
 * not support must be rejected as the SPI specifies. Start with
 * {@link io.alldocs.storage.contract.StorageDriverContract}.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.storage.contract;

import org.jspecify.annotations.NullMarked;
