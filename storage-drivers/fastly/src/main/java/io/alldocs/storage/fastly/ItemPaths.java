package io.alldocs.storage.fastly;

import io.alldocs.cache.spi.DriverSupport;
import io.alldocs.http.ClientRequest;

/** Names the paths of a KV store and its items in Fastly's API. */
record ItemPaths(String store, DriverSupport support) {

    /** Returns the path of the item of a key. */
    String of(String key) {
        return keys() + "/" + ClientRequest.encoded(support.nameOf(key));
    }

    /** Returns the path of the listing. */
    String keys() {
        return store + "/keys";
    }

    /** Returns the path that takes many items. */
    String batch() {
        return store + "/batch";
    }
}
