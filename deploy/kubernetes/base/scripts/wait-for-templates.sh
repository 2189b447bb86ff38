# Until make-templates.sh has made on a shared volume what this Pod is to send.
set -eu
trap 'exit 143' TERM
cat /config/generator.yaml /config/replayer.yaml >/tmp/wanted
echo "$COMPRESSION $RATE $DURATION" >>/tmp/wanted
until cmp -s /tmp/wanted /templates/ready-for; do
  echo "waiting for the generator's templates"
  sleep 2
done
