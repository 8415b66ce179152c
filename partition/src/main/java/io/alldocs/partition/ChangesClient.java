package io.alldocs.partition;

import io.alldocs.cache.Env;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.NpmConfig;
import java.net.URI;
import java.util.function.Consumer;

/** Follows the {@code _changes} feed of a database; stores nothing. Safe for concurrent use. */
public final class ChangesClient implements AutoCloseable {
    private ChangesClient() {}

    /** A builder with defaults. */
    public static Builder builder() {
        throw new AssertionError("skeleton");
    }

    /** One page after {@code since}. */
    public ChangesPage page(Sequence since, int limit) {
        throw new AssertionError("skeleton");
    }

    /** Hands over every page from {@code since} to the end of the feed. @throws SequenceResetException when the feed began a new epoch */
    public ChangesSummary replay(Sequence since, Consumer<? super ChangesPage> pages) {
        throw new AssertionError("skeleton");
    }

    /** What the database says of itself. */
    public OriginInfo info() {
        throw new AssertionError("skeleton");
    }

    @Override
    public void close() {}

    /** Builder. */
    public static final class Builder {
        private Builder() {}

        /** NPM_ORIGIN, NPM_TOKEN. */
        public Builder env(Env env) {
            throw new AssertionError("skeleton");
        }

        /** Shared, not closed. */
        public Builder http(BaseHttpClient http) {
            throw new AssertionError("skeleton");
        }

        /** Database address. */
        public Builder origin(URI origin) {
            throw new AssertionError("skeleton");
        }

        /** Credentials. */
        public Builder npmConfig(NpmConfig config) {
            throw new AssertionError("skeleton");
        }

        /** Results asked per page, 1 to 10,000. Default 10,000. */
        public Builder pageLimit(int results) {
            throw new AssertionError("skeleton");
        }

        /** Builds. */
        public ChangesClient build() {
            throw new AssertionError("skeleton");
        }
    }
}
