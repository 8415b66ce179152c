/**
 * The runtime {@code cloudrun}: a worker in a container of Cloud Run.
 *
 * @since 0.1.0
 */
module io.alldocs.worker.cloudrun {
    requires com.fasterxml.jackson.databind;
    requires java.net.http;
    requires transitive io.alldocs.worker;
    requires static transitive org.jspecify;

    exports io.alldocs.worker.cloudrun;

    provides io.alldocs.worker.RuntimeProvider with
            io.alldocs.worker.cloudrun.CloudRunRuntimeProvider;
}
