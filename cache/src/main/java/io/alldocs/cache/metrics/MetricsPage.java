package io.alldocs.cache.metrics;

import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A page of metrics as a response to a request.
 *
 * @param contentType value of the {@code Content-Type} header
 * @param body not copied
 */
@SuppressWarnings("ArrayRecordComponent")
public record MetricsPage(String contentType, byte[] body) {
    /** The error message of servers without a {@link MetricsFormat}: why they have no page, and what to add. */
    public static final String MISSING =
            "Metrics are written by io.alldocs:all-docs-prometheus. Add this artifact to the class path.";

    /** Returns whether a {@link MetricsFormat} is on the class path. Does not load the library that the format uses. */
    public static boolean isAvailable() {
        return format().isPresent();
    }

    /**
     * Writes metrics with the first {@link MetricsFormat} on the class path.
     *
     * @param metrics called only if there is a format
     * @param accept the request's {@code Accept} header; null if there is none
     * @return empty if there is no format; {@link #MISSING} is the message for this case
     * @throws IllegalStateException if the format was compiled against another {@link MetricsFormat#SPI_VERSION}
     * @throws java.util.ServiceConfigurationError if the format cannot be loaded
     */
    public static Optional<MetricsPage> of(Supplier<List<Metric>> metrics, @Nullable String accept) {
        return format().map(format -> checked(format).write(metrics.get(), accept));
    }

    private static Optional<MetricsFormat> format() {
        Iterator<MetricsFormat> found = ServiceLoader.load(MetricsFormat.class).iterator();
        return found.hasNext() ? Optional.of(found.next()) : Optional.empty();
    }

    private static MetricsFormat checked(MetricsFormat format) {
        if (format.spiVersion() != MetricsFormat.SPI_VERSION) {
            throw new IllegalStateException(
                    "The metrics format " + format.getClass().getName() + " has version "
                            + format.spiVersion() + " of the SPI, this library version " + MetricsFormat.SPI_VERSION
                            + ". Use artifacts of the same release.");
        }
        return format;
    }
}
