/**
 * Configuration variables and the exceptions that all modules share. It depends on the JDK only.
 *
 * @since 0.1.0
 */
module io.alldocs.core {
    requires static transitive org.jspecify;

    exports io.alldocs;
    exports io.alldocs.spi;
}
