import io.alldocs.cache.Cache
import io.alldocs.Env
import io.alldocs.packument.Outcome
import io.alldocs.packument.PackumentClient
import io.alldocs.partition.Partition
import io.alldocs.partition.PartitionClient

/**
 * Returns the latest version of each name in a range, without the names that have none. The responses are cached, so a
 * second call sends few requests.
 */
fun latestVersions(env: Env, startKey: String, endKey: String): Map<String, String> =
    Cache.builder().env(env).build().use { cache ->
        PartitionClient.builder().env(env).cache(cache).build().use { partitions ->
            PackumentClient.builder().env(env).cache(cache).build().use { packuments ->
                partitions.request(Partition.of(startKey, endKey)).json().path("rows")
                    .map { row -> packuments.request(row.path("id").asText()) }
                    .filter { it.outcome() == Outcome.OK }
                    .associate { it.name() to it.json().path("dist-tags").path("latest").asText() }
            }
        }
    }

fun main() = latestVersions(Env.system(), "express", "express-b").forEach { (name, version) -> println("$name $version") }
