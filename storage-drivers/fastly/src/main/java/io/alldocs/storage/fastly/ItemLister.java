package io.alldocs.storage.fastly;

import com.fasterxml.jackson.databind.JsonNode;
import io.alldocs.cache.spi.KeyNames;
import io.alldocs.cache.spi.KeyOrder;
import io.alldocs.http.ClientRequest;
import io.alldocs.http.ClientResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Lists the keys of a KV store page by page, from cursor to cursor. */
final class ItemLister implements Supplier<@Nullable Collection<String>> {
    private static final String VERB = "list the keys that begin with";

    /** Default size of a page of a listing. */
    private static final int PAGE = 1000;

    private final FastlyStore store;
    private final KeyNames names;
    private final String prefix;
    private final @Nullable String startAfter;
    private final String path;
    private String cursor = "";
    private boolean more;

    ItemLister(FastlyStore store, ItemPaths paths, KeyNames names, String prefix, @Nullable String startAfter) {
        String stem = names.stem(prefix);
        this.store = store;
        this.names = names;
        this.prefix = prefix;
        this.startAfter = startAfter;
        this.path = paths.keys() + "?consistency=strong&limit=" + PAGE
                + (stem.isEmpty() ? "" : "&prefix=" + ClientRequest.encoded(stem));
        this.more = names.fits(stem);
    }

    @Override
    public @Nullable Collection<String> get() {
        if (!more) {
            return null;
        }
        ClientRequest call =
                store.api().get(path + (cursor.isEmpty() ? "" : "&cursor=" + ClientRequest.encoded(cursor)));
        JsonNode answer = store.send(VERB, prefix, call, ItemLister::listing);
        store.seen();
        follow(answer.path("meta").path("next_cursor").asText(""));
        List<String> found = new ArrayList<>(PAGE);
        for (JsonNode name : answer.path("data")) {
            names.key(name.asText()).filter(this::isAsked).ifPresent(found::add);
        }
        return found;
    }

    private static JsonNode listing(ClientResponse reply) throws IOException {
        JsonNode answer = FastlyApi.json(reply);
        FastlyApi.require(
                answer.path("data").isArray() && answer.path("meta").isObject(),
                "the members data and meta of a list of keys",
                reply);
        return answer;
    }

    private void follow(String following) {
        if (!following.isEmpty() && following.equals(cursor)) {
            throw store.support()
                    .failure(
                            VERB,
                            prefix,
                            "the list of keys does not end: the store returned the same page again",
                            true,
                            null);
        }
        cursor = following;
        more = !following.isEmpty();
    }

    private boolean isAsked(String key) {
        return key.startsWith(prefix) && (startAfter == null || KeyOrder.UTF8.compare(key, startAfter) > 0);
    }
}
