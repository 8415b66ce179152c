package io.alldocs.storage.fastly;

import com.fasterxml.jackson.databind.JsonNode;
import io.alldocs.OperationInterruptedException;
import io.alldocs.cache.spi.DriverSupport;
import io.alldocs.http.ClientRequest;
import io.alldocs.http.ClientResponse;
import io.alldocs.http.RequestException;
import io.alldocs.http.ResponseReader;
import java.io.IOException;
import java.util.Optional;

/** Sends requests to one of Fastly's stores and translates their errors. Safe for concurrent use. */
final class FastlyStore {
    static final int NOT_FOUND = 404;

    private final FastlyApi api;
    private final ClientRequest probe;
    private final DriverSupport support;
    private final Failures failures;
    private volatile boolean seen;

    /**
     * @param probe a request that succeeds if the store exists
     * @param kind of store, for messages about a missing one
     */
    FastlyStore(FastlyApi api, ClientRequest probe, DriverSupport support, String kind) {
        this.api = api;
        this.probe = probe;
        this.support = support;
        this.failures = new Failures(support, kind);
    }

    FastlyApi api() {
        return api;
    }

    DriverSupport support() {
        return support;
    }

    /**
     * Sends a request.
     *
     * @param verb followed by {@code key} in the message of an exception
     */
    <T> T send(String verb, String key, ClientRequest call, ResponseReader<T> reader) {
        support.requireOpen();
        try {
            return api.send(call, reader);
        } catch (OperationInterruptedException e) {
            throw support.interrupted(verb, key, e);
        } catch (RequestException e) {
            throw failures.of(verb, key, e);
        }
    }

    /**
     * Sends a request for one item; empty if the item does not exist.
     *
     * @param call which accepts {@link #NOT_FOUND}
     */
    <T> Optional<T> sendForItem(String verb, String key, ClientRequest call, ResponseReader<T> reader) {
        Optional<T> found = send(
                verb,
                key,
                call,
                reply -> reply.status() == NOT_FOUND ? Optional.empty() : Optional.of(reader.read(reply)));
        require(found.isPresent(), verb, key);
        return found;
    }

    /** Records that the store exists, because it answered a request. */
    void seen() {
        seen = true;
    }

    /**
     * Checks that the store exists unless a request {@code found} an item in it. A 404 response for an item does not
     * say whether the item or the store is missing.
     */
    private void require(boolean found, String verb, String key) {
        if (!found && !seen) {
            send(verb, key, probe, FastlyStore::requireDescription);
        }
        seen = true;
    }

    private static boolean requireDescription(ClientResponse reply) throws IOException {
        JsonNode answer = FastlyApi.json(reply);
        FastlyApi.require(answer.isArray() || answer.has("id"), "the description of a store", reply);
        return true;
    }
}
