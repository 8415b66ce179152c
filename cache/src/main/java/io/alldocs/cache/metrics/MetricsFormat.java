package io.alldocs.cache.metrics;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes metrics in the format of a monitoring system. {@link java.util.ServiceLoader} finds implementations, which
 * need a public constructor without parameters. Loading an implementation must be cheap: it loads the library that it
 * uses on the first call of {@link #write}. Implementations must be safe for concurrent use.
 */
public interface MetricsFormat {
    /** Version of this interface. */
    int SPI_VERSION = 1;

    /** Returns the {@link #SPI_VERSION} that the implementation was compiled against. */
    int spiVersion();

    /**
     * Writes a page.
     *
     * @param metrics each name occurs once
     * @param accept the request's {@code Accept} header, which may select a version of the format; null if there is
     *     none
     * @throws IllegalArgumentException if a name or label is not valid in the format, or occurs twice
     */
    MetricsPage write(List<Metric> metrics, @Nullable String accept);
}
