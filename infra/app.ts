import { App } from 'aws-cdk-lib';
import { buildEstelam } from './estelam.ts';

buildEstelam(new App());
