package io.alldocs.partition;

import io.alldocs.Env;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.NpmConfig;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Creates what both clients need from the options of their builders. */
final class ClientParts {
    private static final String ORIGIN_VARIABLE = "NPM_ORIGIN";

    private ClientParts() {}

    static BaseHttpClient http(Env env, @Nullable NpmConfig config) {
        NpmConfig found =
                config != null ? config : NpmConfig.load(env.asMap(), env.readsUserFiles(), env.projectFolder());
        return BaseHttpClient.builder().npmConfig(found).build();
    }

    static URI origin(Env env, @Nullable URI given) {
        if (given != null) {
            return given;
        }
        Optional<String> named = env.get(ORIGIN_VARIABLE);
        try {
            return named.isPresent() ? new URI(named.get()) : Database.NPM;
        } catch (URISyntaxException e) {
            // The cause is omitted, because its message contains the value, which may include credentials.
            throw new IllegalArgumentException(
                    ORIGIN_VARIABLE + " is not an address: " + e.getReason() + " at index " + e.getIndex() + ".");
        }
    }
}
