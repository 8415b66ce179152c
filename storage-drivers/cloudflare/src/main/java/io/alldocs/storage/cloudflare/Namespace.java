package io.alldocs.storage.cloudflare;

import io.alldocs.OperationInterruptedException;
import io.alldocs.cache.spi.DriverSupport;
import io.alldocs.http.RequestException;
import java.io.IOException;
import java.util.List;

/** Sends requests to one namespace, alone or shared, and translates their errors. Safe for concurrent use. */
final class Namespace {
    private static final int BAD_REQUEST = 400;
    private static final int TOO_LARGE = 413;

    private final KvApi api;
    private final DriverSupport support;
    private final Failures failures;

    /**
     * Whether the API has accepted a request before. If so, a "bad request" response is about the contents of the
     * request.
     */
    private volatile boolean accepted;

    Namespace(KvApi api, DriverSupport support) {
        this.api = api;
        this.support = support;
        this.failures = new Failures(support);
    }

    KvApi api() {
        return api;
    }

    DriverSupport support() {
        return support;
    }

    Failures failures() {
        return failures;
    }

    /** A request; an IOException means that the body to store cannot be read. */
    interface Request<T> {
        T send() throws IOException;
    }

    /**
     * Sends a request.
     *
     * @param verb followed by {@code key} in the message of an exception
     */
    <T> T attempt(String verb, String key, Request<T> request) {
        support.requireOpen();
        try {
            return request.send();
        } catch (OperationInterruptedException e) {
            throw support.interrupted(verb, key, e);
        } catch (RequestException e) {
            throw failures.of(verb, key, e);
        } catch (RefusedException e) {
            throw failures.of(verb, key, e);
        } catch (IOException e) {
            throw support.unreadableBody(verb, key, e);
        }
    }

    /** Sends items together with those of other threads. */
    <T extends RequestBatcher.Item> void share(RequestBatcher<T> batcher, List<T> items, String verb, String key) {
        try {
            batcher.send(items);
        } catch (InterruptedException e) {
            throw support.interrupted(verb, key, e);
        }
    }

    /** Sends a failed group in two halves, so that one failing item does not fail the others. */
    static <T> void inHalves(List<T> group, RequestBatcher.Sender<T> sender) {
        int half = group.size() / 2;
        sender.send(group.subList(0, half));
        sender.send(group.subList(half, group.size()));
    }

    /** Records that the API has accepted a request. */
    void accepted() {
        accepted = true;
    }

    static boolean isTooLarge(RequestException e) {
        return e.status().orElse(0) == TOO_LARGE;
    }

    /** Returns whether the request was rejected because of its contents, not because of the account or namespace. */
    boolean isBad(RequestException e) {
        return accepted && e.status().orElse(0) == BAD_REQUEST;
    }
}
