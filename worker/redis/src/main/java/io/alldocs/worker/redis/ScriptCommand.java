package io.alldocs.worker.redis;

import io.lettuce.core.RedisFuture;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.NestedMultiOutput;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.AsyncCommand;
import io.lettuce.core.protocol.Command;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.netty.buffer.ByteBuf;
import java.util.List;

/**
 * Runs a script. Lettuce sends what was not answered again once a lost connection is back; a connection can be lost in the middle of an answer, for Redis
 * sends nested ones in parts. So the parts that came are forgotten with each sending: of Lettuce's own commands they would stand before the new answer.
 */
final class ScriptCommand extends Command<byte[], byte[], List<Object>> {
    private ScriptCommand(CommandType type, CommandArgs<byte[], byte[]> args) {
        super(type, newOutput(), args);
    }

    /** By the script's digest: a server that does not know it refuses. */
    static RedisFuture<List<Object>> sendDigest(
            StatefulConnection<byte[], byte[]> connection, Script script, byte[][] keys, byte[][] args) {
        return send(connection, CommandType.EVALSHA, script.digest(), keys, args);
    }

    /** With the script, so that the server knows it from then on. */
    static RedisFuture<List<Object>> sendSource(
            StatefulConnection<byte[], byte[]> connection, Script script, byte[][] keys, byte[][] args) {
        return send(connection, CommandType.EVAL, script.source(), keys, args);
    }

    private static RedisFuture<List<Object>> send(
            StatefulConnection<byte[], byte[]> connection,
            CommandType type,
            String script,
            byte[][] keys,
            byte[][] args) {
        CommandArgs<byte[], byte[]> all = new CommandArgs<>(ByteArrayCodec.INSTANCE)
                .add(script)
                .add(keys.length)
                .addKeys(keys)
                .addValues(args);
        AsyncCommand<byte[], byte[], List<Object>> command = new AsyncCommand<>(new ScriptCommand(type, all));
        connection.dispatch(command);
        return command;
    }

    /** Makes the server hang up, so that Lettuce looks the address up anew. */
    static void hangUp(StatefulConnection<byte[], byte[]> connection) {
        connection.dispatch(
                new AsyncCommand<>(new Command<>(CommandType.QUIT, new StatusOutput<>(ByteArrayCodec.INSTANCE))));
    }

    private static NestedMultiOutput<byte[], byte[]> newOutput() {
        return new NestedMultiOutput<>(ByteArrayCodec.INSTANCE);
    }

    @Override
    public void encode(ByteBuf buf) {
        output = newOutput();
        super.encode(buf);
    }
}
